import { restartedContainers } from './checks/downtime';
import type { JudgedPair } from './judged-pairs';
import type { Counts, Finding, ObjectPlan, Outcome } from './plan-types';
import { counted } from './wording';
import { workloadOf } from './workload';

export function countsOf(objects: readonly ObjectPlan[], unchanged: number): Counts {
  const of = (action: ObjectPlan['action']): number =>
    objects.filter((one) => one.action === action).length;
  const replaced = objects
    .filter(({ action }) => action === 'rollout')
    .map(({ rollout }) => rollout?.podsReplaced ?? null);
  return {
    create: of('create'),
    delete: of('delete'),
    none: of('none'),
    update: of('update'),
    scale: of('scale'),
    rollout: of('rollout'),
    replace: of('replace'),
    refused: of('refused'),
    notJudged: of('not-judged'),
    unchanged,
    podsReplaced: replaced.reduce<number | null>(
      (sum, n) => (sum === null || n === null ? null : sum + n),
      0,
    ),
  };
}

/** What the change comes to, as `--fail-on` names it. */
export function outcomesOf(
  objects: readonly ObjectPlan[],
  findings: readonly Finding[],
  pairs: readonly JudgedPair[],
): Outcome[] {
  const has = (level: Finding['level']): boolean => findings.some((one) => one.level === level);
  const restarts =
    objects.some(({ action }) => action === 'rollout') ||
    pairs.some(
      ({ accepted, replaced, before = {}, after }) =>
        (replaced && (workloadOf(before)?.replicas ?? 0) !== 0) ||
        (accepted === true && restartedContainers(before, after).length > 0),
    );
  const outcomes: [Outcome, boolean][] = [
    ['refused', objects.some(({ action }) => action === 'refused') || podsRefusedIn(findings) > 0],
    ['downtime', has('downtime')],
    ['data-loss', has('data-loss')],
    ['restart', restarts],
    ['any', objects.some(({ action }) => action !== 'none')],
  ];
  return outcomes.filter(([, is]) => is).map(([outcome]) => outcome);
}

/** The verdict in one line: `1 rollout (never fewer than 3 of 3 available), nothing refused, no data lost`. */
export function verdictOf(
  objects: readonly ObjectPlan[],
  findings: readonly Finding[],
  counts: Counts,
): string {
  const parts: string[] = [];
  if (counts.refused > 0) parts.push(`${counts.refused} refused`);
  const podsRefused = podsRefusedIn(findings);
  if (podsRefused > 0) parts.push(`Pods of ${counted(podsRefused, 'object')} refused`);
  const down = new Set(
    findings.filter(({ level }) => level === 'downtime').map(({ object }) => object),
  );
  if (down.size > 0) parts.push(`downtime of ${counted(down.size, 'object')}`);
  const lost = lostIn(findings);
  if (lost > 0) parts.push(lostText(lost));
  if (counts.rollout > 0)
    parts.push(`${counted(counts.rollout, 'rollout')}${availability(objects)}`);
  const restarted = objects.filter(
    ({ kind, action, summary }) =>
      kind === 'Pod' && action === 'update' && summary.includes('restart'),
  ).length;
  if (restarted > 0) parts.push(`${counted(restarted, 'Pod')} restarted in place`);
  const rest: [number, string][] = [
    [counts.replace, 'deleted and created anew'],
    [counts.scale, 'scaled'],
    [counts.create, 'created'],
    [counts.delete, 'deleted'],
    [counts.update - restarted, 'changed in place'],
    [counts.notJudged, 'not judged'],
  ];
  for (const [n, word] of rest) if (n > 0) parts.push(`${n} ${word}`);
  if (parts.length === 0) {
    const same =
      counts.none === 0
        ? ''
        : ` (${counted(counts.none, 'object')} written differently, meaning the same)`;
    return `nothing changes${same}`;
  }
  if (counts.refused + podsRefused === 0) parts.push('nothing refused');
  if (lost === 0) parts.push(lostText(lost));
  return parts.join(', ');
}

/** The verdict of a set that its applier holds back as a whole, but for what it deletes first. */
export function heldVerdictOf(
  { refused }: Counts,
  findings: readonly Finding[],
  pairs: readonly JudgedPair[],
): string {
  const deleted = pairs.filter(({ replaced }) => replaced).length;
  return [
    `${refused} refused, so nothing of the set is applied`,
    ...(deleted > 0 ? [`${deleted} deleted before that is found`] : []),
    lostText(lostIn(findings)),
  ].join(', ');
}

function podsRefusedIn(findings: readonly Finding[]): number {
  return findings.filter(({ code }) => code === 'pods-refused').length;
}

function lostIn(findings: readonly Finding[]): number {
  const lost = findings.filter(({ level }) => level === 'data-loss');
  return new Set(lost.map(({ object }) => object)).size;
}

function lostText(lost: number): string {
  return lost === 0 ? 'no data lost' : `data of ${counted(lost, 'object')} lost`;
}

function availability(objects: readonly ObjectPlan[]): string {
  const rollouts = objects
    .filter(({ action }) => action === 'rollout')
    .flatMap(({ rollout }) => rollout ?? []);
  const [only] = rollouts;
  if (rollouts.length === 1 && only !== undefined) {
    const { fewestAvailable, from, to } = only;
    return fewestAvailable === null || to === null
      ? ''
      : ` (${fewestAvailable === 0 && from !== 0 ? 'down to' : 'never fewer than'} ${fewestAvailable} of ${to} available)`;
  }
  const none = rollouts.filter(
    ({ fewestAvailable, from }) => fewestAvailable === 0 && (from ?? 0) > 0,
  ).length;
  return none === 0 ? '' : ` (${none} with no Pod available for a while)`;
}
