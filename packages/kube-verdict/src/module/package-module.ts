import { join } from 'node:path';
import { PACKAGE_ROOT } from '../package-root';
import { defaultCacheDir, type ModuleSource } from './load-module';

/** The folder of the package's module. */
export const PACKAGE_MODULE = join(PACKAGE_ROOT, 'module');

/** The module that comes with the package. */
export function packageSource(cacheDir?: string, optimize = false): ModuleSource {
  return {
    kind: 'package',
    folder: PACKAGE_MODULE,
    cacheDir: cacheDir ?? defaultCacheDir(),
    optimize,
  };
}
