/** StatefulSet: Pods in order, of stable names. */
import { expect, type Check, type Fixture } from '../../harness/check';
import { isAvailable } from '../../harness/objects';
import { appearedTooEarly, orderOfAppearance, orderOfDeparture } from '../../harness/history';
import { refuseNewPods, untilRolledOut } from '../../harness/rollout';
import { NAME, statefulSet } from './workloads';

const REFERENCE = `statefulset/${NAME}`;
const NAMES = [0, 1, 2].map((ordinal) => `${NAME}-${ordinal}`);

/** The Pods of lower ordinals. */
function before(name: string): string[] {
  return NAMES.slice(0, NAMES.indexOf(name));
}

const order: Check = {
  name: 'a StatefulSet makes its Pods in order, and ends them in reverse',
  how: 'kubectl apply of 3 replicas: each Pod appears once those before it are ready; kubectl scale to 0; every event of a watch',
  run: async (context) => {
    const up = await context.watchingPods(async () => {
      await context.apply(statefulSet());
      await untilRolledOut(context, REFERENCE);
    });
    const appeared = orderOfAppearance(up);
    expect(
      appeared.join() === NAMES.join(),
      () => `${NAMES.join(', ')} were promised in this order, they came as ${appeared.join(', ')}`,
    );
    const early = appearedTooEarly(up, before);
    expect(early === undefined, () => `${early ?? ''} came before those before it were ready`);
    const down = await context.watchingPods(async () => {
      await context.kubectl(['scale', REFERENCE, '--replicas=0']);
      await context.untilPods('no Pods', (pods) => pods.length === 0);
    });
    const left = orderOfDeparture(down);
    expect(
      left.join() === [...NAMES].reverse().join(),
      () => `the reverse was promised, they went as ${left.join(', ')}`,
    );
    const instants = up.length + down.length;
    return `${appeared.join(', ')}, each after the one before was ready; back ${left.join(', ')}; ${instants} instants`;
  },
  fault: {
    what: 'podManagementPolicy: Parallel',
    manifest: ({ spec }) => {
      spec.podManagementPolicy = 'Parallel';
    },
  },
};

const identity: Check = {
  name: 'a Pod of a StatefulSet comes back under its name',
  how: 'kubectl delete pod user-service-1; a Pod of that name and of another UID is ready',
  prepare: async (context) => {
    await context.apply(statefulSet());
    await untilRolledOut(context, REFERENCE);
  },
  run: async (context) => {
    const [, victim] = await context.pods();
    expect(
      victim !== undefined && victim.metadata.name === NAMES[1],
      () => `there is no ${NAMES[1] ?? ''}`,
    );
    const { name, uid } = victim.metadata;
    await context.kubectl(['delete', 'pod', name]);
    const pods = await context.untilPods('the Pod to be back', (all) =>
      all.some((pod) => pod.metadata.name === name && pod.metadata.uid !== uid && isAvailable(pod)),
    );
    const names = pods.map(({ metadata }) => metadata.name).sort();
    expect(
      names.join() === NAMES.join(),
      () => `${NAMES.join()} was promised, got ${names.join()}`,
    );
    return `${name} is back, of another UID; ${names.join(', ')}`;
  },
  fault: { what: 'a ResourceQuota refuses every new Pod', cluster: refuseNewPods },
};

export const STATEFUL_SET_FIXTURES: readonly Fixture[] = [
  { name: 'stateful-set-order', checks: [order] },
  { name: 'stateful-set-names', checks: [identity] },
];
