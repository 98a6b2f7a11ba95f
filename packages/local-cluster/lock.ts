/** One at a time, among the processes of this machine. */
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { ClusterError } from './cluster-error';
import { isRunning, ownIdentity, type ProcessIdentity } from './process-identity';

/**
 * Does the work while holding the lock.
 *
 * @param doing what its holder does, for whom it keeps out: `bringing the node up or down`.
 * @throws {ClusterError} when another process that still runs holds it. One that has died holds nothing.
 */
export async function withLock<T>(file: string, doing: string, work: () => Promise<T>): Promise<T> {
  const candidate = `${file}.${process.pid}`;
  writeFileSync(candidate, JSON.stringify(ownIdentity()), { mode: 0o600 });
  try {
    take(file, candidate, doing);
  } finally {
    rmSync(candidate, { force: true });
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

/** A hard link appears at once and whole, or not at all. */
function take(file: string, candidate: string, doing: string): void {
  try {
    linkSync(candidate, file);
    return;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const holder = readHolder(file);
  if (holder !== undefined && isRunning(holder)) {
    throw new ClusterError(
      `process ${holder.pid} is ${doing} (it holds ${file}); wait until it has ended`,
    );
  }
  rmSync(file, { force: true });
  linkSync(candidate, file);
}

function readHolder(file: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ProcessIdentity;
  } catch {
    return undefined;
  }
}
