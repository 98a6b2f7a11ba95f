/** An S3 service of this machine that Pods reach: versitygw, which keeps objects as files. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildProgram, poll, Steps } from 'local-cluster';
import { NotRun } from '../harness/check';

/** The machine's side of the link to a cluster built from source. */
const LINK = 'usk-machine';
const PORT = 7070;

export interface S3 {
  readonly host: string;
  readonly port: number;
  /** An AWS credentials file. */
  readonly credentials: string;
  /** The folder whose folders are buckets. */
  readonly folder: string;
}

let running: Promise<S3> | undefined;

/** Starts it, unless it runs; it ends with this process. @throws {NotRun} where no Pod reaches this machine. */
export function s3(): Promise<S3> {
  running ??= start();
  return running;
}

async function start(): Promise<S3> {
  const [link] = networkInterfaces()[LINK] ?? [];
  if (link === undefined)
    throw new NotRun('needs an S3 service on this machine that Pods reach: a cluster from source');
  const program = await buildProgram('versitygw', new Steps(() => undefined));
  const folder = mkdtempSync(join(tmpdir(), 'versitygw-'));
  const [ROOT_ACCESS_KEY, ROOT_SECRET_KEY] = ['e2e', 'on-this-machine-alone'];
  const address = `${link.address}:${PORT}`;
  const child = spawn(
    program,
    ['--quiet', '--health', '/healthz', '--port', address, 'posix', folder],
    { env: { ...process.env, ROOT_ACCESS_KEY, ROOT_SECRET_KEY }, stdio: 'ignore' },
  );
  process.once('exit', () => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  await ready(child, `http://${address}/healthz`);
  // It is not to keep this process from ending.
  child.unref();
  return {
    host: link.address,
    port: PORT,
    credentials: `[default]\naws_access_key_id = ${ROOT_ACCESS_KEY}\naws_secret_access_key = ${ROOT_SECRET_KEY}\n`,
    folder,
  };
}

async function ready(child: ChildProcess, url: string): Promise<void> {
  await poll<boolean>({ what: 'versitygw to answer', timeout: 15_000 }, async () => {
    if (child.exitCode !== null) throw new Error(`versitygw ended with ${child.exitCode}`);
    const answer = await fetch(url).catch(() => undefined);
    return answer?.ok === true
      ? { found: true }
      : { lastSeen: answer === undefined ? 'no answer' : `status ${answer.status}` };
  });
}
