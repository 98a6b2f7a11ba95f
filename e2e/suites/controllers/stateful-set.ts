/** StatefulSet: Pods in order, of stable names. */
import { expect, type Claim, type Scene } from '../../harness/claim';
import { isAvailable } from '../../harness/objects';
import { appearedTooEarly, orderOfAppearance, orderOfDeparture } from '../../harness/pod-history';
import { refuseNewPods, untilRolledOut } from '../../harness/rollout';
import { NAME, statefulSet } from './workloads';

const REFERENCE = `statefulset/${NAME}`;
const NAMES = [0, 1, 2].map((ordinal) => `${NAME}-${ordinal}`);

/** The Pods of lower ordinals. */
function before(name: string): string[] {
  return NAMES.slice(0, NAMES.indexOf(name));
}

const order: Claim = {
  name: 'a StatefulSet makes its Pods in order, and ends them in reverse',
  how: 'kubectl apply of 3 replicas: each Pod appears once those before it are ready; kubectl scale to 0; every event of a watch',
  run: async (stage) => {
    const up = await stage.watching(async () => {
      await stage.apply(statefulSet());
      await untilRolledOut(stage, REFERENCE);
    });
    const appeared = orderOfAppearance(up);
    expect(
      appeared.join() === NAMES.join(),
      () => `${NAMES.join(', ')} were promised in this order, they came as ${appeared.join(', ')}`,
    );
    const early = appearedTooEarly(up, before);
    expect(early === undefined, () => `${early ?? ''} came before those before it were ready`);
    const down = await stage.watching(async () => {
      await stage.kubectl(['scale', REFERENCE, '--replicas=0']);
      await stage.untilPods('no Pods', (pods) => pods.length === 0);
    });
    const left = orderOfDeparture(down);
    expect(
      left.join() === [...NAMES].reverse().join(),
      () => `the reverse was promised, they went as ${left.join(', ')}`,
    );
    const instants = up.length + down.length;
    return `${appeared.join(', ')}, each after the one before was ready; back ${left.join(', ')}; ${instants} instants`;
  },
  breakage: {
    what: 'podManagementPolicy: Parallel',
    manifest: ({ spec }) => {
      spec.podManagementPolicy = 'Parallel';
    },
  },
};

const identity: Claim = {
  name: 'a Pod of a StatefulSet comes back under its name',
  how: 'kubectl delete pod user-service-1; a Pod of that name and of another UID is ready',
  prepare: async (stage) => {
    await stage.apply(statefulSet());
    await untilRolledOut(stage, REFERENCE);
  },
  run: async (stage) => {
    const [, victim] = await stage.pods();
    expect(
      victim !== undefined && victim.metadata.name === NAMES[1],
      () => `there is no ${NAMES[1] ?? ''}`,
    );
    const { name, uid } = victim.metadata;
    await stage.kubectl(['delete', 'pod', name]);
    const pods = await stage.untilPods('the Pod to be back', (all) =>
      all.some((pod) => pod.metadata.name === name && pod.metadata.uid !== uid && isAvailable(pod)),
    );
    const names = pods.map(({ metadata }) => metadata.name).sort();
    expect(
      names.join() === NAMES.join(),
      () => `${NAMES.join()} was promised, got ${names.join()}`,
    );
    return `${name} is back, of another UID; ${names.join(', ')}`;
  },
  breakage: { what: 'a ResourceQuota refuses every new Pod', cluster: refuseNewPods },
};

export const STATEFUL_SET_SCENES: readonly Scene[] = [
  { name: 'stateful-set-order', claims: [order] },
  { name: 'stateful-set-names', claims: [identity] },
];
