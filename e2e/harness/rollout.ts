/** Waiting for controllers. */
import { expect } from './check';
import { fewestAvailable, type Instant, mostActive, mostWanted } from './history';
import {
  describeController,
  describePods,
  isAvailable,
  type Controller,
  type Pod,
} from './objects';
import type { TestContext } from './test-context';

/** Waits until a controller has acted on its whole spec, and all its Pods are of it and available. */
export function untilRolledOut(context: TestContext, reference: string): Promise<Controller> {
  return context.until<Controller>(`${reference} to be rolled out`, async () => {
    const controller = await context.get(reference);
    const { metadata, spec, status = {} } = controller;
    const wanted = spec.replicas ?? 1;
    // ReplicaSet and ReplicationController do not tell: they have no Pods of an older template to replace.
    const updated = controller.kind === 'Deployment' ? status.updatedReplicas : wanted;
    const counts = [updated, status.replicas, status.readyReplicas, status.availableReplicas];
    const done = hasObserved(controller) && counts.every((count = 0) => count === wanted);
    if (done) return { found: controller };
    const pods = await context.list<Pod>('pods');
    return {
      lastSeen: `${metadata.name}: ${describeController(controller)}; ${describePods(pods)}`,
    };
  });
}

/** Waits until a controller has acted on its latest spec, whatever has come of it by now. */
export function untilObserved(context: TestContext, reference: string): Promise<Controller> {
  return context.until<Controller>(`${reference} to be observed`, async () => {
    const controller = await context.get(reference);
    return hasObserved(controller)
      ? { found: controller }
      : { lastSeen: describeController(controller) };
  });
}

/** Waits until nothing of the lesson's is left. */
export function untilGone(context: TestContext, ...kinds: readonly string[]): Promise<boolean> {
  return context.until<boolean>(`no ${kinds.join(', ')} to be left`, async () => {
    const { stdout } = await context.kubectl(['get', kinds.join(','), '--output=name']);
    return stdout.trim() === ''
      ? { found: true }
      : { lastSeen: stdout.trim().replaceAll('\n', ', ') };
  });
}

/** Names of the ReplicaSets, which are named after the template that each is of. */
export async function templates(context: TestContext): Promise<string[]> {
  return (await context.list('replicasets')).map(({ metadata }) => metadata.name).sort();
}

/** What a rollout promises: of Pods that are available, at least so many; of Pods that are wanted, at most. */
export interface Bounds {
  readonly fewest: number;
  readonly most: number;
}

/**
 * Watches a rollout of a Deployment.
 *
 * @returns what was seen.
 * @throws {CheckFailure} where a bound was broken at any instant.
 */
export async function expectBounds(
  context: TestContext,
  { fewest, most }: Bounds,
  act: () => Promise<unknown>,
): Promise<string> {
  let pods: readonly Instant[] = [];
  const replicaSets = await context.watchingReplicaSets(async () => {
    pods = await context.watchingPods(act);
  });
  const [available, wanted] = [fewestAvailable(pods), mostWanted(replicaSets)];
  expect(
    available >= fewest && wanted <= most,
    () =>
      `at least ${fewest} available and at most ${most} wanted were promised, there were ${available} and ${wanted}`,
  );
  return (
    `at least ${available} available (${fewest} promised), at most ${wanted} wanted (${most} allowed) ` +
    `and ${mostActive(pods)} seen, in ${pods.length} instants`
  );
}

/** Deletes one of three Pods, and waits until three are ready without it. */
export async function deleteOneOfThree(context: TestContext, name: string): Promise<void> {
  await context.kubectl(['delete', 'pod', name]);
  await context.untilPods('three Pods without the deleted one', (pods) => {
    const available = pods.filter(isAvailable);
    return available.length === 3 && !available.some(({ metadata }) => metadata.name === name);
  });
}

/** Refuses every new Pod of the namespace from now on: a fault. */
export function refuseNewPods(context: TestContext): Promise<void> {
  return refuseNew(context, 'pods');
}

/** Refuses every new object of a resource, named as a quota names it: `count/replicasets.apps`. */
export async function refuseNew(context: TestContext, resource: string): Promise<void> {
  await context.kubectl(['create', 'quota', 'no-more', `--hard=${resource}=0`]);
  await context.until('the quota to be counted', async () => {
    const { status } = await context.get<{ status?: { hard?: Record<string, string> } }>(
      'quota/no-more',
    );
    return status?.hard?.[resource] === '0' ? { found: true } : { lastSeen: 'not counted yet' };
  });
}

function hasObserved({ metadata, status }: Controller): boolean {
  return (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0);
}
