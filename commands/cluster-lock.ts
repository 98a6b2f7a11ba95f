import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, withLock } from 'local-cluster';

/**
 * Does the work while nobody else on this machine uses the cluster: one would remove it under the other.
 *
 * @param doing what is being done, for whom it keeps out: `running e2e`.
 * @throws {ClusterError} when another process uses it.
 */
export function withClusterLock<T>(doing: string, work: () => Promise<T>): Promise<T> {
  const folder = cacheFolder();
  mkdirSync(folder, { recursive: true });
  return withLock(join(folder, 'cluster.lock'), doing, work);
}
