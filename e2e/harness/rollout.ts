/** Waiting for controllers. */
import {
  describeController,
  describePods,
  isAvailable,
  type Controller,
  type Pod,
} from './objects';
import type { Stage } from './stage';

/** Waits until a controller has acted on its whole spec, and all its Pods are of it and available. */
export function untilRolledOut(stage: Stage, reference: string): Promise<Controller> {
  return stage.until<Controller>(`${reference} to be rolled out`, async () => {
    const controller = await stage.get(reference);
    const { metadata, spec, status = {} } = controller;
    const wanted = spec.replicas ?? 1;
    // ReplicaSet and ReplicationController do not tell: they have no Pods of an older template to replace.
    const updated = controller.kind === 'Deployment' ? status.updatedReplicas : wanted;
    const counts = [updated, status.replicas, status.readyReplicas, status.availableReplicas];
    const done = hasObserved(controller) && counts.every((count = 0) => count === wanted);
    if (done) return { found: controller };
    const pods = await stage.list<Pod>('pods');
    return {
      lastSeen: `${metadata.name}: ${describeController(controller)}; ${describePods(pods)}`,
    };
  });
}

/** Waits until a controller has acted on its latest spec, whatever has come of it by now. */
export function untilObserved(stage: Stage, reference: string): Promise<Controller> {
  return stage.until<Controller>(`${reference} to be observed`, async () => {
    const controller = await stage.get(reference);
    return hasObserved(controller)
      ? { found: controller }
      : { lastSeen: describeController(controller) };
  });
}

/** Waits until nothing of the lesson's is left. */
export function untilGone(stage: Stage, ...kinds: readonly string[]): Promise<boolean> {
  return stage.until<boolean>(`no ${kinds.join(', ')} to be left`, async () => {
    const { stdout } = await stage.kubectl(['get', kinds.join(','), '--output=name']);
    return stdout.trim() === ''
      ? { found: true }
      : { lastSeen: stdout.trim().replaceAll('\n', ', ') };
  });
}

/** Names of the ReplicaSets, which are named after the template that each is of. */
export async function templates(stage: Stage): Promise<string[]> {
  return (await stage.list('replicasets')).map(({ metadata }) => metadata.name).sort();
}

/** Deletes one of three Pods, and waits until three are ready without it. */
export async function deleteOneOfThree(stage: Stage, name: string): Promise<void> {
  await stage.kubectl(['delete', 'pod', name]);
  await stage.untilPods('three Pods without the deleted one', (pods) => {
    const available = pods.filter(isAvailable);
    return available.length === 3 && !available.some(({ metadata }) => metadata.name === name);
  });
}

/** Refuses every new Pod of the namespace from now on: a breakage. */
export function refuseNewPods(stage: Stage): Promise<void> {
  return refuseNew(stage, 'pods');
}

/** Refuses every new object of a resource, named as a quota names it: `count/replicasets.apps`. */
export async function refuseNew(stage: Stage, resource: string): Promise<void> {
  await stage.kubectl(['create', 'quota', 'no-more', `--hard=${resource}=0`]);
  await stage.until('the quota to be counted', async () => {
    const { status } = await stage.get<{ status?: { hard?: Record<string, string> } }>(
      'quota/no-more',
    );
    return status?.hard?.[resource] === '0' ? { found: true } : { lastSeen: 'not counted yet' };
  });
}

function hasObserved({ metadata, status }: Controller): boolean {
  return (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0);
}
