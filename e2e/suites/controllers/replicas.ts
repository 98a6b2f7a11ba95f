/** ReplicationController and ReplicaSet: a number of Pods, and which Pods those are. */
import { CommandFailure } from 'local-cluster';
import { LessonPod, type Selector } from '../../../lib';
import { expect, type Check, type Fixture } from '../../harness/check';
import {
  describePods,
  hasImage,
  isAvailable,
  type Manifest,
  type Pod,
} from '../../harness/objects';
import { deleteOneOfThree, refuseNewPods, untilRolledOut } from '../../harness/rollout';
import { render } from '../../harness/render';
import type { TestContext } from '../../harness/test-context';
import { NAME, NEW_IMAGE, replicaSet, replicationController, template } from './workloads';

/** The promise that both make. */
function keepsReplicas(kind: string, manifest: () => Manifest): Check {
  const reference = `${kind}/${NAME}`;
  return {
    name: `a ${kind} keeps the number of Pods that it was given`,
    how: 'kubectl delete pod of one of three, 3 ready again; kubectl scale to 2, 2 are left',
    prepare: async (context) => {
      await context.apply(manifest());
      await untilRolledOut(context, reference);
    },
    run: async (context) => {
      const [victim] = await context.pods();
      expect(victim !== undefined, () => 'there is no Pod');
      await deleteOneOfThree(context, victim.metadata.name);
      await context.kubectl(['scale', reference, '--replicas=2']);
      const left = await context.untilPods('two Pods', (pods) => pods.length === 2);
      return `3 of 3 ready again; after scaling ${left.length} of 2`;
    },
    fault: { what: 'a ResourceQuota refuses every new Pod', cluster: refuseNewPods },
  };
}

const leavesPodsAlone: Check = {
  name: 'a changed template leaves the Pods of a ReplicaSet alone',
  how: 'kubectl apply of a new image: the same three Pods; kubectl delete pod of one: only its replacement has the new image',
  prepare: async (context) => {
    await context.apply(replicaSet());
    await untilRolledOut(context, `replicaset/${NAME}`);
  },
  run: async (context) => {
    const before = uids(await context.pods());
    await context.apply(replicaSet({ template: template({ image: NEW_IMAGE }) }));
    await untilRolledOut(context, `replicaset/${NAME}`);
    const unchanged = await context.pods();
    const after = uids(unchanged);
    expect(
      before.join() === after.join(),
      () => `the same ${before.length} Pods were promised, there are ${after.length} of them`,
    );
    const name = unchanged[0]?.metadata.name ?? '';
    await context.kubectl(['delete', 'pod', name]);
    const pods = await context.untilPods(
      'three Pods',
      (all) => all.filter(isAvailable).length === 3 && all.length === 3,
    );
    const renewed = pods.filter((pod) => hasImage(pod, context.image(NEW_IMAGE)));
    expect(
      renewed.length === 1,
      () => `one Pod of the new image was promised, there are ${renewed.length}`,
    );
    return `3 of 3 Pods the same; after one was deleted, ${renewed.length} of 3 has the new image`;
  },
  fault: {
    what: 'the changed template comes with replicas: 1',
    manifest: ({ spec }) => {
      const [container] = spec.template?.spec.containers ?? [];
      if (container?.image.endsWith(NEW_IMAGE)) spec.replicas = 1;
    },
  },
};

function uids(pods: readonly Pod[]): string[] {
  return pods.map(({ metadata }) => metadata.uid).sort();
}

const SETS: Selector = {
  matchExpressions: [{ key: 'name', operator: 'In', values: [NAME, 'user-service-before'] }],
};

/** A Pod that nothing but the second value of {@link SETS} selects. */
function barePod(): Manifest {
  return render((chart) => {
    new LessonPod(chart, 'pod', {
      name: 'bare',
      template: { ...template(), labels: { name: 'user-service-before' } },
    });
  });
}

const selectsBySets: Check = {
  name: 'a ReplicaSet selects by sets of values, a ReplicationController by equality only',
  how: 'a bare Pod of the second of two values; a ReplicaSet of 3 that selects "name In (both)" counts it and makes 2; the same selector in a ReplicationController is refused',
  prepare: async (context) => {
    await context.apply(barePod());
    await context.untilPods('the bare Pod to run', (pods) => pods.some(isAvailable));
  },
  run: async (context) => {
    const answer = await answerToSets(context);
    await context.apply(replicaSet({ selector: SETS }));
    const { metadata } = await untilRolledOut(context, `replicaset/${NAME}`);
    const pods = await context.pods();
    const bare = pods.find((pod) => pod.metadata.name === 'bare');
    const adopted =
      bare?.metadata.ownerReferences?.some(({ uid }) => uid === metadata.uid) ?? false;
    expect(
      adopted && pods.length === 3,
      () => `3 Pods, the bare one adopted, were promised: ${describePods(pods)}`,
    );
    return `bare Pod adopted, 2 made; ReplicationController: ${answer}`;
  },
  fault: {
    what: 'the bare Pod has a label that is in neither set',
    manifest: ({ kind, metadata }) => {
      if (kind === 'Pod') metadata.labels = { name: 'another' };
    },
  },
};

/** What the API server says to a ReplicationController that selects by sets; lib has no type for one. */
async function answerToSets(context: TestContext): Promise<string> {
  const manifest = replicationController();
  Object.assign(manifest.spec, { selector: SETS });
  try {
    await context.apply(manifest);
  } catch (error) {
    if (error instanceof CommandFailure && error.completed.code === 1) {
      return /cannot unmarshal \w+/.exec(error.message)?.[0] ?? 'refused';
    }
    throw error;
  }
  expect(false, () => 'an error for the ReplicationController was promised, it was accepted');
  return '';
}

export const REPLICA_FIXTURES: readonly Fixture[] = [
  {
    name: 'replication-controller',
    checks: [keepsReplicas('ReplicationController', replicationController)],
  },
  { name: 'replica-set', checks: [keepsReplicas('ReplicaSet', replicaSet)] },
  { name: 'replica-set-template', checks: [leavesPodsAlone] },
  { name: 'selectors', checks: [selectsBySets] },
];
