import { restartedContainers, servicesOf } from './checks/downtime';
import { budgetOf, leastPods } from './checks/budgets';
import type { Context } from './checks/context';
import type { JudgedPair } from './judged-pairs';
import type { Action, FieldChange, ObjectPlan, Refusal, RolloutPlan, Scale } from './plan-types';
import { costOfReplacement, refusalTexts } from './refusals';
import { numberAt, textAt } from './read';
import { type AskedRollout, boundsOf } from './rollouts';
import { counted, duration, listed, roomFor, valueTexts } from './wording';
import { workloadOf } from './workload';

/** What happens to each object, but for those that are the same text on both sides. */
export async function objectPlans(
  context: Context,
  own: ReadonlyMap<string, readonly FieldChange[]>,
  refusals: ReadonlyMap<string, Refusal>,
): Promise<ObjectPlan[]> {
  const plans = context.pairs
    .filter((pair) => !pair.same)
    .map(async (pair): Promise<ObjectPlan> => {
      const asked = context.rollouts.get(pair.id);
      const action = actionOf(pair, asked);
      const refusal = refusals.get(pair.id) ?? null;
      const identity = pair.new?.identity ?? pair.old?.identity;
      const place = (pair.new ?? pair.old)?.place;
      if (identity === undefined) throw new Error(`${pair.id} is on neither side`);
      return {
        id: pair.id,
        ...identity,
        previous: previousOf(pair),
        place: place == null ? null : { file: place.file, line: place.line() },
        action,
        summary:
          action === 'replace'
            ? `is deleted and created anew: ${await costOfReplacement(context.ask, pair)}`
            : summaryOf(action, pair, asked, refusal, heldOf(context, pair)),
        details: detailsOf(action, pair, asked, refusal),
        fields: own.get(pair.id) ?? [],
        scale: action === 'scale' && asked !== undefined ? scaleOf(asked) : null,
        rollout: asked === undefined ? null : await rolloutPlan(context, pair.id, asked),
        refusal,
        warnings: pair.warnings,
      };
    });
  return Promise.all(plans);
}

function actionOf(pair: JudgedPair, asked: AskedRollout | undefined): Action {
  if (pair.accepted === false) return 'refused';
  if (pair.new === undefined) return 'delete';
  if (pair.replaced) return 'replace';
  if (pair.old === undefined) return pair.accepted === null ? 'not-judged' : 'create';
  if (pair.accepted === null) return pair.fields.length === 0 ? 'none' : 'not-judged';
  const moved = pair.old.identity.name !== pair.new.identity.name;
  if (pair.fields.length === 0 && !moved) return 'none';
  if (asked === undefined) return 'update';
  const { rollout } = asked;
  if (rollout.podsReplaced === null || rollout.podsReplaced > 0) return 'rollout';
  const { from, to } = rollout;
  const { min = from, max = from } = asked.heldBefore ?? {};
  return min === to && max === to ? 'update' : 'scale';
}

function previousOf({ old, new: now }: JudgedPair): ObjectPlan['previous'] {
  if (old === undefined || now === undefined) return null;
  const [{ identity: was }, { identity: is }] = [old, now];
  if (was.apiVersion === is.apiVersion && was.name === is.name) return null;
  return { apiVersion: was.apiVersion, name: was.name };
}

function scaleOf({ rollout: { from, to }, autoscaler }: AskedRollout): Scale | null {
  return from === null || to === null ? null : { from, to, autoscaler: autoscaler?.id ?? null };
}

async function rolloutPlan(
  context: Context,
  id: string,
  asked: AskedRollout,
): Promise<RolloutPlan> {
  const { rollout, autoscaler } = asked;
  const budget = [...context.linksAfter.budgets].find(
    ([, workloads]) => workloads.length === 1 && workloads[0] === id,
  )?.[0];
  const object = budget === undefined ? undefined : context.after.get(budget)?.object;
  const pods = leastPods(context, 'after', id);
  const promise =
    budget === undefined || object === undefined || pods === undefined
      ? null
      : { budget, healthy: (await budgetOf(context, object, pods)).healthy };
  return { ...rollout, autoscaler, promise, services: servicesOf(context, id) };
}

function summaryOf(
  action: Exclude<Action, 'replace'>,
  pair: JudgedPair,
  asked: AskedRollout | undefined,
  refusal: Refusal | null,
  held: ReturnType<typeof boundsOf>,
): string {
  switch (action) {
    case 'create':
      return `${createSummary(pair)}${held === undefined ? '' : `, of which its autoscaler makes ${held.min} to ${held.max}`}`;
    case 'delete':
      if (held !== undefined) return `is deleted: its ${held.min} to ${held.max} Pods end`;
      return `is deleted${podsOf(pair.old?.object, (n) => `: ${n === 1 ? 'its Pod ends' : `its ${n} Pods end`}`)}`;
    case 'none':
      return 'stays as it is: written differently, it means the same';
    case 'not-judged':
      return pair.old === undefined ? 'is created; it is not judged' : 'changes; it is not judged';
    case 'refused':
      return `is refused: ${refusal === null ? '' : (refusalTexts(refusal)[0] ?? 'no reason given')}`;
    case 'scale':
      return scaleSummary(asked);
    case 'rollout':
      return asked === undefined ? 'rolls out' : rolloutSummary(asked);
    case 'update':
      return updateSummary(pair);
  }
}

/** What an autoscaler makes of a workload that comes, or has made of one that goes. */
function heldOf({ before, after }: Context, { id, old, new: now }: JudgedPair) {
  const autoscaler = (now === undefined ? before : after).autoscalers().get(id);
  const replicas = workloadOf((now ?? old)?.object ?? {})?.replicas;
  return autoscaler === undefined || replicas === 0 ? undefined : boundsOf(autoscaler.object);
}

function createSummary({ new: now }: JudgedPair): string {
  return `is created${podsOf(now?.object, (n) => (n === 0 ? ' without Pods' : `: ${counted(n, 'Pod')} ${n === 1 ? 'starts' : 'start'}`))}`;
}

function podsOf(
  object: Parameters<typeof workloadOf>[0] | undefined,
  say: (n: number) => string,
): string {
  const workload = object === undefined ? undefined : workloadOf(object);
  if (workload === undefined || workload.replicas === null || workload.template.length === 0)
    return '';
  return say(workload.replicas);
}

function updateSummary({ before, after, old, new: now }: JudgedPair): string {
  const containers = restartedContainers(before, after);
  if (containers.length > 0) {
    return `changes in place: ${counted(containers.length, 'container')} ${containers.length === 1 ? 'restarts' : 'restart'} (${listed(containers)})`;
  }
  if (old !== undefined && now !== undefined && old.identity.name !== now.identity.name) {
    return `succeeds ${old.identity.name}`;
  }
  return 'changes in place';
}

function scaleSummary(asked: AskedRollout | undefined): string {
  const { from, to } = asked?.rollout ?? {};
  const at = asked?.autoscaler;
  if (typeof from !== 'number' || typeof to !== 'number') return 'scales';
  const held = asked?.heldBefore;
  if (held != null)
    return `scales to ${counted(to, 'Pod')}, from the ${held.min} to ${held.max} at which its autoscaler held it`;
  return at === null || at === undefined
    ? `scales from ${from} to ${counted(to, 'Pod')}`
    : `scales from ${from} to ${counted(to, 'Pod')}, and its autoscaler from there to ${at.min} to ${at.max}`;
}

function rolloutSummary({ rollout, autoscaler }: AskedRollout): string {
  const { from, to, podsReplaced, fewestAvailable, mostExisting, strategy, atATime } = rollout;
  if (podsReplaced === null || fewestAvailable === null || mostExisting === null || to === null) {
    return `rolls out: ${daemonSummary(atATime)}`;
  }
  if (strategy === 'Recreate') {
    const many = from === 1 ? 'its Pod ends' : `all ${from ?? to} Pods end`;
    return `rolls out: ${many}, then ${counted(to, 'new Pod')} ${to === 1 ? 'starts' : 'start'}`;
  }
  const replaced = `${counted(podsReplaced, 'Pod')} replaced`;
  const at = autoscaler === null ? '' : ` (its autoscaler's least)`;
  const scaled = from === to ? '' : `, and scales from ${from ?? 0} to ${to}`;
  const available = fewestAvailable === 0 && from !== 0 ? 'down to' : 'never fewer than';
  return `rolls out: ${replaced}${scaled}, ${available} ${fewestAvailable} of ${to}${at} available, at most ${mostExisting} at once`;
}

function daemonSummary(atATime: RolloutPlan['atATime']): string {
  const { unavailable, surge } = atATime ?? { unavailable: null, surge: 0 };
  const on = 'the Pod on each node is replaced';
  if (surge !== 0)
    return `${on}, the new one first, on ${surge === null ? 'some nodes' : counted(surge, 'node')} at a time`;
  return unavailable === null
    ? `${on}, on some nodes at a time without it`
    : `${on}; ${counted(unavailable, 'node')} at a time ${unavailable === 1 ? 'is' : 'are'} without one`;
}

function detailsOf(
  action: Action,
  pair: JudgedPair,
  asked: AskedRollout | undefined,
  refusal: Refusal | null,
): string[] {
  const details: string[] = [];
  if (refusal !== null) {
    details.push(
      ...refusalTexts(refusal).slice(1),
      ...refusal.waysOut.map(({ message }) => `way out: ${message}`),
    );
  }
  if (action === 'rollout' && asked !== undefined)
    details.push(...causeOf(pair), ...rolloutDetails(asked));
  if (kept(pair.before) !== 0 && kept(pair.after) === 0)
    details.push('keeps no old ReplicaSet: kubectl rollout undo has nothing to go back to');
  if (action === 'scale' && asked?.rollout.room)
    details.push(`needs room for ${roomFor(asked.rollout.room, false)}`);
  return details;
}

/** How many old ReplicaSets a Deployment keeps. */
function kept(object: JudgedPair['before']): number | undefined {
  if (textAt(object, 'kind') !== 'Deployment') return undefined;
  return numberAt(object, 'spec', 'revisionHistoryLimit');
}

/** The fields of the Pod template that make it a rollout. */
function causeOf({ fields }: JudgedPair): string[] {
  const causes = fields
    .filter(({ path }) => path.startsWith('spec.template.'))
    .map((change) => ({
      ...change,
      path: change.path.replace(/^spec\.template\.(?:spec\.)?/, ''),
    }));
  const isImage = ({ path }: FieldChange): boolean => path.endsWith('].image');
  const imagesFirst = [...causes].sort((a, b) => +isImage(b) - +isImage(a));
  const shown = imagesFirst.slice(0, 3).map(causeText);
  if (causes.length > shown.length) shown.push(`${causes.length - shown.length} more`);
  return shown.length === 0 ? [] : [`because of ${listed(shown)}`];
}

/** Characters of a value that is a cause. */
const CAUSE = 80;

function causeText({ path, old, new: now, hidden }: FieldChange): string {
  if (hidden) return path;
  if (old === null && typeof now === 'object') return `${path} (added)`;
  if (now === null && typeof old === 'object') return `${path} (removed)`;
  return `${path} ${valueTexts(old, now, CAUSE).join(' → ')}`;
}

function rolloutDetails({ rollout, autoscaler, heldBefore }: AskedRollout): string[] {
  const { to, availableIfNeverReady, progressDeadlineSeconds, leastSeconds, steps, room } = rollout;
  const details: string[] = [];
  if (availableIfNeverReady !== null && to !== null) {
    const marked =
      progressDeadlineSeconds === null
        ? ''
        : `; after ${duration(progressDeadlineSeconds)} it is marked as not progressing, which undoes nothing`;
    const stuck =
      rollout.strategy === 'RollingUpdate' &&
      progressDeadlineSeconds === null &&
      rollout.from !== null
        ? ''
        : marked;
    details.push(
      `if no new Pod ever becomes ready, ${availableIfNeverReady} of ${to} stay available${stuck}`,
    );
  }
  if (leastSeconds !== null && leastSeconds > 0) {
    details.push(
      `takes at least ${duration(leastSeconds)}${steps === null ? '' : `, in ${counted(steps, 'step')}`}`,
    );
  }
  if (rollout.podsStartedInVain > 0) {
    const n = rollout.podsStartedInVain;
    details.push(
      `scaling comes first: ${counted(n, 'Pod')} of the old template ${n === 1 ? 'starts' : 'start'}, and ${n === 1 ? 'is' : 'are'} replaced as well`,
    );
  }
  if (room !== null) details.push(`needs room for ${roomFor(room, true)}`);
  if (heldBefore !== null)
    details.push(
      `its autoscaler held it at ${heldBefore.min} to ${counted(heldBefore.max, 'Pod')}, and goes`,
    );
  if (autoscaler !== null) {
    const { atMost, max } = autoscaler;
    details.push(
      `at the autoscaler's most, never fewer than ${atMost.fewestAvailable ?? 0} of ${max} available, at most ${atMost.mostExisting ?? 0} at once`,
    );
  }
  return details;
}
