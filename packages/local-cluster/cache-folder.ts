import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** Binaries and images, by version: shared by every checkout, and left in place by `down`. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  // A relative XDG_CACHE_HOME is to be ignored: XDG Base Directory Specification.
  const base = env.XDG_CACHE_HOME;
  return join(
    base !== undefined && isAbsolute(base) ? base : join(homedir(), '.cache'),
    'user-service-kubernetes',
  );
}
