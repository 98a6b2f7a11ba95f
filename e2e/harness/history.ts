/** What a watch saw, judged at every instant of it. */
import { type Controller, isActive, isAvailable, type Pod } from './objects';

export interface Watched {
  readonly metadata: { readonly uid: string; readonly resourceVersion: string };
}

/** An event of a watch: https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes */
export interface ObjectEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: T;
}

/** All objects there were, from one event to the next. */
export type Instant<T = Pod> = readonly T[];

/** The objects at the beginning of the watch, and then after each event. */
export function instantsOf<T extends Watched>(
  initial: readonly T[],
  events: readonly ObjectEvent<T>[],
): Instant<T>[] {
  const objects = new Map(initial.map((object) => [object.metadata.uid, object]));
  return [
    [...objects.values()],
    ...events.map(({ type, object }) => {
      if (type === 'DELETED') objects.delete(object.metadata.uid);
      else objects.set(object.metadata.uid, object);
      return [...objects.values()];
    }),
  ];
}

/** The least number of available Pods at any instant. */
export function fewestAvailable(instants: readonly Instant[]): number {
  return Math.min(...instants.map((pods) => pods.filter(isAvailable).length));
}

/**
 * The greatest number of Pods that the ReplicaSets of a Deployment were told to have, together, at any instant: what
 * maxSurge bounds, by NewRSNewReplicas of Kubernetes' pkg/controller/deployment/util. Of Pods there may be more for a
 * moment, as one ReplicaSet makes its new Pod before the other has deleted its old one.
 */
export function mostWanted(instants: readonly Instant<Controller>[]): number {
  return Math.max(
    ...instants.map((replicaSets) =>
      replicaSets.reduce((sum, { spec }) => sum + (spec.replicas ?? 1), 0),
    ),
  );
}

/** The greatest number of Pods that were not being deleted, at any instant. */
export function mostActive(instants: readonly Instant[]): number {
  return Math.max(...instants.map((pods) => pods.filter(isActive).length));
}

/** Whether Pods of two templates were there at one instant, those being deleted included. */
export function templatesOverlap(
  instants: readonly Instant[],
  templateOf: (pod: Pod) => string,
): boolean {
  return instants.some((pods) => new Set(pods.map(templateOf)).size > 1);
}

/** Names of the Pods in the order in which they first appeared. */
export function orderOfAppearance(instants: readonly Instant[]): string[] {
  return [...new Set(instants.flatMap((pods) => pods.map(({ metadata }) => metadata.name)))];
}

/** Names of the Pods in the order in which each was first told to go or went. */
export function orderOfDeparture(instants: readonly Instant[]): string[] {
  const going = new Set<string>();
  instants.forEach((pods, index) => {
    for (const pod of instants[index - 1] ?? []) {
      const now = pods.find(({ metadata }) => metadata.uid === pod.metadata.uid);
      if (now?.metadata.deletionTimestamp !== undefined || now === undefined)
        going.add(pod.metadata.name);
    }
  });
  return [...going];
}

/** The first Pod that appeared while one of `before(its name)` was not available; undefined when none did. */
export function appearedTooEarly(
  instants: readonly Instant[],
  before: (name: string) => readonly string[],
): string | undefined {
  const seen = new Set<string>();
  for (const pods of instants) {
    const available = new Set(pods.filter(isAvailable).map(({ metadata }) => metadata.name));
    for (const { metadata } of pods) {
      if (seen.has(metadata.uid)) continue;
      seen.add(metadata.uid);
      if (!before(metadata.name).every((name) => available.has(name))) return metadata.name;
    }
  }
  return undefined;
}
