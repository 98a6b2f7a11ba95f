import { plan as planOf, type PlanOptions } from './plan/plan';
import type { Plan } from './plan/plan-types';
import type { Manifest } from './verdict/judgement';
import { Verdict } from './verdict/verdict';
import { type LoadOptions, openPool } from './workers/open-pool';

export type {
  Action,
  Applier,
  CommonChange,
  Finding,
  ImageChange,
  ObjectPlan,
  Outcome,
  Plan,
  Rollout,
  RolloutPlan,
  Topology,
} from './plan/plan-types';
export type * from './verdict/judgement';
export type { PlanOptions } from './plan/plan';
export type { CompiledModule, FetchedModule, ModuleInput } from './module/module-input';
export type { Note, ReadDocument, ReadObject } from './reading/reader';
export type { Verdict } from './verdict/verdict';
export type { LoadOptions } from './workers/open-pool';

/**
 * Starts a worker thread with Kubernetes' code in it and resolves when it is ready to judge.
 * @throws Error when the module is damaged or not this version's, and says how to fix it
 */
export async function loadVerdict(options: LoadOptions = {}): Promise<Verdict> {
  const pool = await openPool(options);
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
