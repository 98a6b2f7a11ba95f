import type { Finding } from '../plan-types';
import { type Fields, numberAt, valueAt } from '../read';
import type { Thing } from '../world';
import { scaleTarget } from '../world';
import { counted, listed } from '../wording';
import { type Context, finding, isDeleted, nameOf } from './context';
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
        ? was.every((one) => isDeleted(context, one))
          ? `protects nothing any more: ${names(was)} ${was.length === 1 ? 'is' : 'are'} deleted`
          : `no longer protects the Pods of ${names(was)}: its selector does not match them any more`
        : 'its selector matches no Pods of either set';
    return [finding('budget-matches-nothing', 'caution', id, message, was)];
  }
  const found: Finding[] = [];
  if (is.length > 1 && !same([...was].sort(), [...is].sort())) {
    const message = `covers the Pods of ${names(is)} together: those of one may be missing as long as the others are there`;
    found.push(finding('budget-matches-two', 'caution', id, message, is));
  }
  found.push(...(await allowance(context, budget, is)));
  return found;
}

/** Whether the budget came to allow no eviction, and whether rollouts go below it. */
async function allowance(
  context: Context,
  budget: Thing,
  workloads: readonly string[],
): Promise<Finding[]> {
  const { before, linksBefore, rollouts } = context;
  const { id, object } = budget;
  const pods = sum(workloads.map((one) => leastPods(context, 'after', one)));
  if (pods === undefined || pods === 0) return [];
  const names = (ids: readonly string[]): string => listed(ids.map((one) => nameOf(context, one)));
  const now = await budgetOf(context, object, pods);
  const found: Finding[] = [];
  if (now.allowed === 0 && !(await allowedNothing())) {
    const message = `lets no Pod of ${names(workloads)} be evicted (${now.healthy} of ${pods} must be available): a node with one of them cannot be drained`;
    found.push(finding('budget-allows-nothing', 'caution', id, message, workloads));
  }
  const replacing = workloads.filter((one) => (rollouts.get(one)?.rollout.podsReplaced ?? 0) > 0);
  const fewest = sum(workloads.map(fewestOf));
  // Of one that asks for more than there are, nothing is new.
  const had = sum(workloads.map((one) => rollouts.get(one)?.rollout.from ?? podsOf(one)));
  const kept = Math.min(now.healthy, had ?? pods, pods);
  if (replacing.length > 0 && fewest !== undefined && fewest < kept) {
    const goes = replacing.length === 1 ? 'rollout' : 'rollouts';
    const message = `promises ${counted(now.healthy, 'available Pod')}, the ${goes} of ${names(replacing)} ${replacing.length === 1 ? 'goes' : 'go'} down to ${fewest}: controllers delete Pods, a budget only holds up evictions`;
    found.push(finding('below-budget', 'caution', id, message, replacing));
  }
  return found;

  function podsOf(workload: string): number | undefined {
    return leastPods(context, 'after', workload);
  }

  function fewestOf(workload: string): number | undefined {
    const rollout = rollouts.get(workload)?.rollout;
    return rollout === undefined ? podsOf(workload) : (rollout.fewestAvailable ?? undefined);
  }

  async function allowedNothing(): Promise<boolean> {
    const old = before.get(id);
    const covered = linksBefore.budgets.get(id) ?? [];
    const podsBefore = sum(covered.map((one) => leastPods(context, 'before', one)));
    if (old === undefined || podsBefore === undefined || podsBefore === 0) return false;
    if (!workloads.every((one) => covered.includes(one))) return false;
    return (await budgetOf(context, old.object, podsBefore)).allowed === 0;
  }
}

/** Undefined where one of them is. */
function sum(numbers: readonly (number | undefined)[]): number | undefined {
  return numbers.reduce<number | undefined>(
    (all, one) => (all === undefined || one === undefined ? undefined : all + one),
    0,
  );
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
