import { planMembers, type PlanOptions } from './plan/plan';
import { membersOf, PLAN_RULES } from './plan/plan-arguments';
import type { Plan } from './plan/plan-types';
import { checkOptions, rule, type Rules } from './rule';
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
 * @throws RangeError when an option has a value that it does not take
 * @throws Error when the module is damaged or not this version's, and says how to fix it
 */
export async function loadVerdict(options: LoadOptions = {}): Promise<Verdict> {
  const pool = await openPool(options);
  return new Verdict(await pool.ready, pool);
}

/** Options of {@link plan}, and what is to judge. */
type PlanCall = PlanOptions & { readonly verdict?: Verdict | undefined };

const PLAN_CALL_RULES: Rules<PlanCall> = {
  ...PLAN_RULES,
  verdict: rule(
    'what loadVerdict resolves to',
    (value) => value instanceof Object && ['ask', 'kinds', 'moved'].every((name) => name in value),
  ),
};

/**
 * What applying `now` does to what applying `old` made: to each object, to Pods, and between
 * objects. What is the same on both sides costs next to nothing.
 * @param options.verdict what judges; without it, one is started for this plan alone
 * @throws TypeError when a manifest is not an object, or refers to itself
 * @throws RangeError when an option has a value that it does not take
 * @throws Error when something cannot be told: there is no plan of a part
 */
export async function plan(
  old: Iterable<Manifest>,
  now: Iterable<Manifest>,
  options: PlanCall = {},
): Promise<Plan> {
  checkOptions(options, PLAN_CALL_RULES);
  const sets = [membersOf('old', old), membersOf('now', now)] as const;
  const { verdict = await loadVerdict(), ...rest } = options;
  try {
    return await planMembers(verdict, ...sets, rest);
  } finally {
    if (verdict !== options.verdict) await verdict.close();
  }
}
