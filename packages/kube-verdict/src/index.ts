import { availableParallelism } from 'node:os';
import { expectedDigest, type ModuleSource } from './module/load-module';
import { bytesOf, type ModuleInput } from './module/module-input';
import { positive } from './positive';
import { DEFAULT_TIMEOUT } from './workers/give-up';
import { plan as planOf, type PlanOptions } from './plan/plan';
import type { Plan } from './plan/plan-types';
import type { Manifest } from './verdict/judgement';
import { WorkerPool } from './workers/worker-pool';
import { PACKAGE_MODULE, packageSource } from './module/package-module';
import { Verdict } from './verdict/verdict';

export type * from './plan/plan-types';
export type * from './verdict/judgement';
export type { PlanOptions } from './plan/plan';
export type { CompiledModule, FetchedModule, ModuleInput } from './module/module-input';
export type { Verdict } from './verdict/verdict';

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

/**
 * Starts a worker thread with Kubernetes' code in it and resolves when it is ready to judge.
 * @throws Error when the module is damaged or not this version's, and says how to mend it
 */
export async function loadVerdict(options: LoadOptions = {}): Promise<Verdict> {
  const workers = Math.floor(
    positive('workers', options.workers ?? Math.min(availableParallelism(), 4)),
  );
  const pool = new WorkerPool({
    source: await moduleSource(options),
    workers: Math.max(workers, 1),
    timeout: positive('timeout', options.timeout ?? DEFAULT_TIMEOUT),
  });
  return new Verdict(await pool.ready, pool);
}

/**
 * What applying `now` does to what applying `old` made: to each object, to Pods, and between
 * objects. What is the same on both sides costs next to nothing.
 * @param options.verdict what judges; without it, one is started for this plan alone
 * @throws TypeError when a manifest is not an object
 * @throws Error when something cannot be told: there is no plan of a part
 */
export async function plan(
  old: Iterable<Manifest>,
  now: Iterable<Manifest>,
  options: PlanOptions & { readonly verdict?: Verdict | undefined } = {},
): Promise<Plan> {
  const { verdict = await loadVerdict(), ...rest } = options;
  try {
    return await planOf(verdict, old, now, rest);
  } finally {
    if (verdict !== options.verdict) await verdict.close();
  }
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
