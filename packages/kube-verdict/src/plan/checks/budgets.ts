import type { Finding } from '../plan-types';
import { type Fields, numberAt, valueAt } from '../read';
import type { Thing } from '../world';
import { scaleTarget } from '../world';
import { counted, listed } from '../wording';
import { type Context, finding, nameOf } from './context';
import { same } from '../changed-fields';

/** Disruption budgets that protect nothing any more, or let no Pod be evicted. */
export async function budgets(context: Context): Promise<Finding[]> {
  const found = await Promise.all(
    context.after
      .of('policy', 'PodDisruptionBudget')
      .map((budget) => budgetFindings(context, budget)),
  );
  return found.flat();
}

async function budgetFindings(context: Context, budget: Thing): Promise<Finding[]> {
  const { before, linksBefore, linksAfter } = context;
  const { id } = budget;
  const was = linksBefore.budgets.get(id) ?? [];
  const is = linksAfter.budgets.get(id) ?? [];
  const names = (ids: readonly string[]): string => listed(ids.map((one) => nameOf(context, one)));
  if (is.length === 0) {
    const nothingBefore = before.has(id) && was.length === 0;
    if (nothingBefore) return [];
    const message =
      was.length > 0
        ? `no longer protects the Pods of ${names(was)}: its selector does not match them any more`
        : 'its selector matches no Pods of either set';
    return [finding('budget-matches-nothing', 'caution', id, message, was)];
  }
  const found: Finding[] = [];
  if (is.length > 1 && !same([...was].sort(), [...is].sort())) {
    const message = `covers the Pods of ${names(is)} together: those of one may be missing as long as the others are there`;
    found.push(finding('budget-matches-two', 'caution', id, message, is));
  }
  const [only] = is;
  if (is.length === 1 && only !== undefined)
    found.push(...(await allowance(context, budget, only)));
  return found;
}

/** Whether the budget came to allow no eviction, and whether a rollout goes below it. */
async function allowance(context: Context, budget: Thing, workload: string): Promise<Finding[]> {
  const { before, after, linksBefore, rollouts } = context;
  const { id, object } = budget;
  const pods = leastPods(context, 'after', workload);
  if (pods === undefined || pods === 0) return [];
  const now = await budgetOf(context, object, pods);
  const found: Finding[] = [];
  if (now.allowed === 0 && !(await allowedNothing())) {
    const message = `lets no Pod of ${nameOf(context, workload)} be evicted (${now.healthy} of ${pods} must be available): a node with one of them cannot be drained`;
    found.push(finding('budget-allows-nothing', 'caution', id, message, [workload]));
  }
  const asked = rollouts.get(workload);
  const fewest = asked?.rollout.fewestAvailable ?? null;
  const replaces = (asked?.rollout.podsReplaced ?? 0) > 0;
  // Of one that asks for more than there are, nothing is new.
  const kept = Math.min(now.healthy, asked?.rollout.from ?? pods, pods);
  if (replaces && fewest !== null && fewest < kept) {
    const message = `promises ${counted(now.healthy, 'available Pod')}, the rollout of ${nameOf(context, workload)} goes down to ${fewest}: controllers delete Pods, a budget only holds up evictions`;
    found.push(finding('below-budget', 'caution', id, message, [workload]));
  }
  return found;

  async function allowedNothing(): Promise<boolean> {
    const old = before.get(id);
    const podsBefore = leastPods(context, 'before', workload);
    if (old === undefined || podsBefore === undefined || podsBefore === 0) return false;
    if (!(linksBefore.budgets.get(id) ?? []).includes(workload) || !after.has(workload))
      return false;
    return (await budgetOf(context, old.object, podsBefore)).allowed === 0;
  }
}

/** Desired Pods of a workload: what its autoscaler holds it at least at, or else `replicas`. */
export function leastPods(
  context: Pick<Context, 'before' | 'after'>,
  side: 'before' | 'after',
  id: string,
): number | undefined {
  const world = context[side];
  const replicas = world.get(id)?.workload?.replicas;
  if (replicas === undefined || replicas === null) return undefined;
  const autoscaler = world.autoscalers().get(id);
  if (autoscaler === undefined || replicas === 0 || scaleTarget(autoscaler) !== id) return replicas;
  return Math.max(numberAt(autoscaler.object, 'spec', 'minReplicas') ?? 1, 1);
}

/** How many of so many Pods have to be available, and how many may be evicted when all are. */
export async function budgetOf(
  { ask }: Pick<Context, 'ask'>,
  budget: Fields,
  pods: number,
): Promise<{ healthy: number; allowed: number }> {
  const answer = await ask({ op: 'budget', budget, pods });
  const [healthy, allowed] = ['desiredHealthy', 'disruptionsAllowed'].map((name) =>
    valueAt(answer, name),
  );
  if (typeof healthy !== 'number' || typeof allowed !== 'number') {
    throw new Error('the module does not say what a disruption budget allows');
  }
  return { healthy, allowed };
}
