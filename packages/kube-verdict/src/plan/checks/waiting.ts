import type { JudgedPair } from '../judged-pairs';
import type { Finding } from '../plan-types';
import { fieldsAt, numberAt, textAt, valueAt } from '../read';
import { changedFields } from '../changed-fields';
import { counted, listed } from '../wording';
import { type Context, finding } from './context';
import { endedContainers } from './downtime';

/** What a reviewer would expect to happen, and will not. */
export function waiting(context: Context): Finding[] {
  return context.pairs.flatMap((pair) => [
    ...ofTemplate(context, pair),
    ...ofEarlierTemplate(context, pair),
    ...ofInitContainers(pair),
    ...ofJob(pair),
  ]);
}

function ofTemplate({ rollouts }: Context, { id, after }: JudgedPair): Finding[] {
  const rollout = rollouts.get(id)?.rollout;
  const waits = rollout?.waiting;
  if (rollout === undefined || waits === null || waits === undefined || after === undefined)
    return [];
  const pods = waits.pods === null ? 'its Pods' : counted(waits.pods, 'Pod');
  const keep = waits.pods === 1 ? 'keeps' : 'keep';
  switch (waits.for) {
    case 'paused':
      return [
        finding(
          'template-waits',
          'caution',
          id,
          `${pods} ${keep} the old template: it is paused (kubectl rollout resume)`,
        ),
      ];
    case 'onDelete':
      return [
        finding(
          'template-waits',
          'caution',
          id,
          `${pods} ${keep} the old template until somebody deletes them: updateStrategy OnDelete`,
        ),
      ];
    case 'partition': {
      const partition =
        numberAt(after, 'spec', 'updateStrategy', 'rollingUpdate', 'partition') ?? 0;
      return [
        finding(
          'template-waits',
          'caution',
          id,
          `${pods} below partition ${partition} ${keep} the old template`,
        ),
      ];
    }
    case 'unready':
      return [
        finding(
          'template-waits',
          'caution',
          id,
          `nothing happens: a Pod is not ready, and an OrderedReady StatefulSet waits for it, whatever the new template; delete that Pod by hand`,
        ),
      ];
    case 'recreation':
      return [
        finding(
          'pods-keep-template',
          'caution',
          id,
          `${pods} ${keep} the old template: a ${textAt(after, 'kind')} never replaces Pods, only ones that it makes later have the new template`,
        ),
      ];
  }
}

/** Workloads that no longer hold back a template: an earlier one may have waited. */
function ofEarlierTemplate({ rollouts }: Context, { id, before, after }: JudgedPair): Finding[] {
  const rollout = rollouts.get(id)?.rollout;
  if (rollout === undefined || rollout.templateChanged || before === undefined) return [];
  const [was, is] = [heldBack(before), heldBack(after)];
  if (was.by === '' || rollout.to === 0 || is.partition >= was.partition) return [];
  const message = `${was.by} no longer holds a template back: what changed before and waited for this rolls out now, which two sets do not tell`;
  return [finding('in-progress', 'caution', id, message)];
}

/** What keeps Pods from a new template, and below which ordinal. */
function heldBack(object: unknown): { readonly by: string; readonly partition: number } {
  const all = Number.POSITIVE_INFINITY;
  if (valueAt(object, 'spec', 'paused') === true) return { by: 'paused', partition: all };
  if (textAt(object, 'spec', 'updateStrategy', 'type') === 'OnDelete')
    return { by: 'OnDelete', partition: all };
  const partition = numberAt(object, 'spec', 'updateStrategy', 'rollingUpdate', 'partition') ?? 0;
  return { by: partition > 0 ? `partition ${partition}` : '', partition };
}

function ofInitContainers({ id, accepted, before, after }: JudgedPair): Finding[] {
  if (accepted !== true) return [];
  const names = endedContainers(before, after);
  if (names.length === 0) return [];
  const message = `${listed(names)} ${names.length === 1 ? 'does' : 'do'} not run again: ${names.length === 1 ? 'an init container' : 'init containers'} of a Pod that runs already`;
  return [finding('pods-keep-template', 'caution', id, message)];
}

function ofJob({ id, same, before, after }: JudgedPair): Finding[] {
  if (same || before === undefined || after === undefined) return [];
  const [was, suspended] = [before, after].map((one) => valueAt(one, 'spec', 'suspend') === true);
  if (was === true && suspended === false) {
    const message = `${textAt(after, 'kind') === 'Job' ? 'runs now' : 'runs at its schedule again'}: it is no longer suspended`;
    return [finding('next-run', 'note', id, message)];
  }
  switch (textAt(after, 'kind')) {
    case 'CronJob': {
      const changed = changedFields(fieldsAt(before, 'spec'), fieldsAt(after, 'spec'), 'CronJob');
      if (changed.length === 0) return [];
      if (suspended) return [finding('suspended', 'caution', id, 'does not run: it is suspended')];
      if (!changed.some(({ path }) => path.startsWith('jobTemplate'))) return [];
      return [
        finding(
          'next-run',
          'note',
          id,
          'takes effect at the next run; Jobs that run now keep what they have',
        ),
      ];
    }
    case 'Job':
      return suspended
        ? [finding('suspended', 'caution', id, 'does not run: it is suspended')]
        : [];
    default:
      return [];
  }
}
