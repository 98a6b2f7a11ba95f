import { join } from 'node:path';
import { defaultCacheDir } from './module';
import type { ModuleSource } from './protocol';

/** The folder of the package's module. */
export const PACKAGE_MODULE = join(__dirname, '..', 'module');

/** The module that comes with the package. */
export function packageSource(cacheDir?: string, optimize = false): ModuleSource {
  return {
    kind: 'package',
    folder: PACKAGE_MODULE,
    cacheDir: cacheDir ?? defaultCacheDir(),
    optimize,
  };
}
