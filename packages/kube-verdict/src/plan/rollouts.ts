import type { JudgedPair } from './judged-pairs';
import type { Applier, Rollout } from './plan-types';
import { type Fields, fieldsAt, fieldsOf, numberAt, textAt, valueAt } from './read';
import type { Ask } from './selection';
import type { Thing } from './world';

/** What happens to the Pods of a workload, at what an autoscaler holds it at least and at most. */
export interface AskedRollout {
  readonly rollout: Rollout;
  readonly autoscaler: {
    readonly id: string;
    readonly min: number;
    readonly max: number;
    readonly atMost: Rollout;
  } | null;
  /** What an autoscaler that goes held it at, where the apply writes another number. */
  readonly heldBefore: Bounds | null;
  /** `replicas` was taken away, and the apply makes it 1. */
  readonly replicasTakenAway: boolean;
}

interface Bounds {
  readonly min: number;
  readonly max: number;
}

const ROLLING = new Set([
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'ReplicationController',
]);

export interface RolloutOptions {
  /** The autoscaler of the workload before the change, and after it. */
  readonly scalers: { readonly before: Thing | undefined; readonly after: Thing | undefined };
  readonly applier: Applier;
  /** How many nodes run Pods of a DaemonSet. */
  readonly nodes: number | undefined;
}

/** Undefined for what is no workload with Pods of a template, or does not change. */
export async function rolloutOf(
  ask: Ask,
  pair: JudgedPair,
  { scalers, ...options }: RolloutOptions,
): Promise<AskedRollout | undefined> {
  const { before, after } = pair;
  if (
    pair.same ||
    pair.replaced ||
    pair.accepted !== true ||
    before === undefined ||
    after === undefined
  )
    return undefined;
  if (pair.fields.length === 0 || !ROLLING.has(textAt(after, 'kind'))) return undefined;
  const status = fieldsAt(pair.old?.live, 'status');
  const common = {
    op: 'rollout',
    old: before,
    new: after,
    unavailable: unavailableIn(before, status),
    nodes: numberAt(status, 'desiredNumberScheduled') ?? options.nodes,
  };
  const told = async (request: object): Promise<Rollout> => {
    const answer = await ask(request);
    const rollout = valueAt(answer, 'rollout');
    if (rollout === undefined) {
      throw new Error(
        `${pair.id}: what happens to its Pods cannot be told: ${textAt(answer, 'error') || 'the module gave up'}`,
      );
    }
    return fieldsOf(rollout) as unknown as Rollout;
  };
  const replicasTakenAway = isTakenAway(pair) && options.applier === 'kubectl';
  const autoscaler = scalers.after ?? scalers.before;
  const bounds = boundsOfBoth(scalers);
  const isOff = numberAt(scalers.after === undefined ? before : after, 'spec', 'replicas') === 0;
  if (
    autoscaler === undefined ||
    bounds === undefined ||
    isOff ||
    textAt(after, 'kind') === 'DaemonSet'
  ) {
    return { rollout: await told(common), autoscaler: null, heldBefore: null, replicasTakenAway };
  }
  const { min, max } = bounds;
  const fromLeast = { ...common, old: withReplicas(before, min) };
  const isWritten = replicasTakenAway || replicasIn(pair.new?.object) !== undefined;
  if (scalers.after === undefined && isWritten) {
    return {
      rollout: await told(fromLeast),
      autoscaler: null,
      heldBefore: bounds,
      replicasTakenAway,
    };
  }
  // The apply itself sets replicas to 1, whatever the autoscaler had made of it; and one that is
  // new has made nothing of it yet.
  const atLeast =
    scalers.before === undefined
      ? common
      : replicasTakenAway
        ? fromLeast
        : { ...common, replicas: min };
  const [rollout, atMost] = await Promise.all([told(atLeast), told({ ...common, replicas: max })]);
  return {
    rollout,
    autoscaler: { id: autoscaler.id, min, max, atMost },
    heldBefore: null,
    replicasTakenAway,
  };
}

/** What an autoscaler holds its workload at; undefined where that makes no sense. */
export function boundsOf(autoscaler: Fields): Bounds | undefined {
  const max = numberAt(autoscaler, 'spec', 'maxReplicas');
  const min = numberAt(autoscaler, 'spec', 'minReplicas') ?? 1;
  return max === undefined || max < min ? undefined : { min: Math.max(min, 1), max };
}

/** What a workload is held at while the bounds change: an autoscaler takes its time. */
function boundsOfBoth({ before, after }: RolloutOptions['scalers']): Bounds | undefined {
  const [was, is] = [before, after].map((one) => one && boundsOf(one.object));
  if (was === undefined || is === undefined) return is ?? was;
  return { min: Math.min(was.min, is.min), max: Math.max(was.max, is.max) };
}

/** Whether the old manifest sets `replicas` and the new one leaves it out. */
function isTakenAway({ old, new: now }: JudgedPair): boolean {
  return replicasIn(old?.object) !== undefined && replicasIn(now?.object) === undefined;
}

function replicasIn(manifest: Fields | undefined): number | undefined {
  return numberAt(manifest, 'spec', 'replicas');
}

function withReplicas(object: Fields, replicas: number): Fields {
  return { ...object, spec: { ...fieldsAt(object, 'spec'), replicas } };
}

/** Pods that a cluster says are not available. */
function unavailableIn(before: Fields, status: Fields): number {
  const desired =
    numberAt(status, 'desiredNumberScheduled') ?? numberAt(before, 'spec', 'replicas');
  if (desired === undefined || Object.keys(status).length === 0) return 0;
  const available =
    numberAt(status, 'numberAvailable') ?? numberAt(status, 'availableReplicas') ?? 0;
  return Math.min(Math.max(desired - available, 0), desired);
}
