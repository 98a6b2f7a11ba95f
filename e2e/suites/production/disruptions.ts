/** What happens to Pods and nodes. */
import { type Check, expect } from '../../harness/check';
import type { Pod } from '../../harness/objects';
import type { TestContext } from '../../harness/test-context';
import {
  describe,
  expectNoHarm,
  expectNothingLost,
  expectTurnedAwayAlone,
  failuresOf,
  underLoad,
} from '../../system/outcome';
import { drain, drainSecond, evict } from '../../system/events';
import { nodes, processesInSight } from '../../system/nodes';
import { faultIn, untilStands, UP_TIMEOUT, USER_PODS, userPods } from '../../system/production';
import { noDrain } from './changes';
import { fullCost, type Series } from './series';

const { prepare } = fullCost;

/** One after the other: each once the service is whole again. */
async function eachInTurn(context: TestContext, act: (pod: Pod) => Promise<unknown>) {
  for (const pod of await userPods(context)) {
    await act(pod);
    await context.until<boolean>(`${pod.metadata.name} to be replaced`, async () => {
      const pods = await context.list<Pod>('pods', USER_PODS);
      const there = pods.some(({ metadata: { uid } }) => uid === pod.metadata.uid);
      const { status } = await context.get('deployment/user');
      return !there && (status?.availableReplicas ?? 0) >= 3
        ? { found: true }
        : {
            lastSeen: `${there ? 'it is there' : 'it is gone'}, ${status?.availableReplicas ?? 0} available`,
          };
    });
  }
}

export const deletedInTurn = ({ suffix, load, prepare }: Series): Check => ({
  name: `deleting every Pod in turn fails no request${suffix}`,
  how: 'kubectl delete pod under load, the next once three are available again',
  prepare,
  run: (context) =>
    expectNoHarm(
      context,
      () =>
        eachInTurn(context, ({ metadata: { name } }) =>
          context.kubectl(['delete', 'pod', name, '--wait=false']),
        ),
      load,
    ),
  fault: noDrain,
});

export const evicted: Check = {
  name: 'evicting every Pod in turn fails no request',
  how: 'the Eviction API under load, as the budget allows',
  prepare,
  run: (context) => expectNoHarm(context, () => eachInTurn(context, (pod) => evict(context, pod))),
  fault: noDrain,
};

/** Has Pods of the service on every node. */
async function spread(context: TestContext, { prepare }: Series = fullCost): Promise<void> {
  await prepare(context);
  const all = await nodes(context);
  const taken = new Set((await userPods(context)).map(({ spec }) => spec.nodeName));
  if (taken.size === all.length) return;
  await context.kubectl(['rollout', 'restart', 'deployment/user']);
  await untilStands(context);
}

export const drained = (series: Series): Check => ({
  name: `draining the node without the stores fails no request${series.suffix}`,
  how: 'kubectl drain and uncordon under load',
  prepare: (context) => spread(context, series),
  run: (context) => expectNoHarm(context, () => drainSecond(context), series.load),
  fault: noDrain,
});

export const storesDrained: Check = {
  name: "draining the stores' node turns clients away until it is back, and loses no account",
  how: 'kubectl drain under load, uncordoned 5 s later; each failure has to be 503 with Retry-After',
  prepare: (context) => spread(context),
  run: async (context) => {
    const [first = ''] = await nodes(context);
    const outcome = await underLoad(context, async () => {
      try {
        await drain(context, first);
      } finally {
        await context.kubectl(['uncordon', first]);
      }
      await untilStands(context);
    });
    expectTurnedAwayAlone(outcome);
    return describe(outcome);
  },
  fault: {
    what: "MySQL's data is not on a claim",
    manifest: faultIn('StatefulSet', /^mysql$/, ({ spec }) => {
      delete spec.volumeClaimTemplates;
      const pod = (spec.template as { spec: { volumes: unknown[] } }).spec;
      pod.volumes = [...pod.volumes, { name: 'data', emptyDir: {} }];
    }),
  },
};

/** Seconds: Kubernetes waits 40 for a node's sign of life, and clients of vanished Pods 10 for an answer. */
const VANISHED = 60;

export const vanished: Check = {
  name: `a node without the stores that vanishes costs at most ${VANISHED} s of the requests to its Pods`,
  how: 'the link of the second node is cut and its processes killed under load from the first; brought back afterwards',
  requires: processesInSight,
  prepare: (context) => spread(context),
  run: async (context) => {
    const [first = '', second = ''] = await nodes(context);
    const { fromSource } = context.cluster;
    const vanishing = underLoad(
      context,
      async () => {
        await fromSource?.vanish(second);
        await context.until<boolean>(
          'no endpoint of the vanished node',
          async () => {
            const slices = await context.list<EndpointSlice>(
              'endpointslices',
              '--selector=kubernetes.io/service-name=user',
            );
            const left = slices
              .flatMap(({ endpoints }) => endpoints ?? [])
              .filter(
                ({ nodeName, conditions }) => nodeName === second && conditions?.ready === true,
              );
            return left.length === 0 ? { found: true } : { lastSeen: `${left.length} endpoints` };
          },
          UP_TIMEOUT,
        );
      },
      { from: [first] },
    );
    const outcome = await vanishing.finally(() => fromSource?.bringBack(second));
    await untilStands(context);
    expectNothingLost(outcome);
    const failed = failuresOf(outcome);
    const last = Math.max(0, ...failed.map(({ at }) => at - outcome.began)) / 1000;
    expect(
      last <= VANISHED,
      () => `requests failed ${last.toFixed(1)} s after: ${describe(outcome)}`,
    );
    const share = (100 * failed.length) / outcome.requests.length;
    expect(share < 60, () => `${share.toFixed(0)} % of the requests failed: ${describe(outcome)}`);
    return `the last failure was due ${last.toFixed(1)} s after; ${describe(outcome)}`;
  },
  fault: {
    what: 'all Pods of the service are on the node that vanishes',
    manifest: faultIn('Deployment', /^user$/, ({ spec }) => {
      const pod = (spec.template as { spec: Record<string, unknown> }).spec;
      delete pod.topologySpreadConstraints;
      pod.nodeSelector = { 'kubernetes.io/hostname': 'node-from-source-2' };
    }),
  },
};

interface EndpointSlice {
  readonly endpoints?: readonly {
    readonly nodeName?: string;
    readonly conditions?: { readonly ready?: boolean };
  }[];
}

export const disruptions: readonly Check[] = [
  deletedInTurn(fullCost),
  evicted,
  drained(fullCost),
  storesDrained,
];
