import { availableParallelism } from 'node:os';
import { expectedDigest, type ModuleSource } from '../module/load-module';
import { bytesOf, MODULE, type ModuleInput } from '../module/module-input';
import { PACKAGE_MODULE, packageSource } from '../module/package-module';
import {
  BOOLEAN,
  checkArgument,
  checkOptions,
  FOLDER,
  MILLISECONDS,
  POSITIVE,
  type Rules,
} from '../rule';
import { DEFAULT_TIMEOUT } from './give-up';
import { WorkerPool } from './worker-pool';

export interface LoadOptions {
  /**
   * The module of this very version: raw or brotli-compressed bytes, a fetch Response, or compiled.
   * @default - the package's own
   */
  readonly module?: ModuleInput | undefined;
  /**
   * At most so many worker threads. A second one starts only when much is waiting.
   * @default - one for each processor, at most 4
   */
  readonly workers?: number | undefined;
  /**
   * Milliseconds that one object may take; then it is reported as not judged.
   * @default 5000
   */
  readonly timeout?: number | undefined;
  /**
   * Let V8 optimize the functions that are called most: judging is a third faster after the first
   * few thousand objects, and slower until then. For processes that live long.
   * @default false
   */
  readonly optimize?: boolean | undefined;
  /**
   * Where the decompressed module is kept for the next start.
   * @default - $XDG_CACHE_HOME/kube-verdict, else ~/.cache/kube-verdict
   */
  readonly cacheDir?: string | undefined;
}

/** Without `module`, which is checked as it is in a browser. */
const LOAD_RULES: Rules<Omit<LoadOptions, 'module'>> = {
  workers: POSITIVE,
  timeout: MILLISECONDS,
  optimize: BOOLEAN,
  cacheDir: FOLDER,
};

/** Starts a worker thread, which then loads the module. */
export async function openPool(options: LoadOptions = {}): Promise<WorkerPool> {
  checkOptions(options, LOAD_RULES);
  if (options.module !== undefined) checkArgument('module', MODULE, options.module);
  const { workers = Math.min(availableParallelism(), 4), timeout = DEFAULT_TIMEOUT } = options;
  return new WorkerPool({
    source: await moduleSource(options),
    workers: Math.max(Math.floor(workers), 1),
    timeout,
  });
}

async function moduleSource(options: LoadOptions): Promise<ModuleSource> {
  if (options.module === undefined) {
    return packageSource(options.cacheDir, options.optimize);
  }
  const given = await bytesOf(options.module);
  return 'module' in given
    ? { kind: 'compiled', module: given.module }
    : {
        kind: 'bytes',
        bytes: given.bytes,
        sha256: await expectedDigest(PACKAGE_MODULE),
        optimize: options.optimize ?? false,
      };
}
