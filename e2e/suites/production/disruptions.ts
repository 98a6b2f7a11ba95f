/** What happens to Pods and nodes. */
import { type Check, expect } from '../../harness/check';
import type { Pod } from '../../harness/objects';
import type { TestContext } from '../../harness/test-context';
import {
  countKinds,
  describe,
  expectNothingLost,
  expectNoHarm,
  failuresOf,
  isTurnedAway,
  underLoad,
} from '../../system/outcome';
import { PRODUCTION } from '../../system/names';
import { killContainer } from '../../system/processes';
import {
  faultIn,
  nodes,
  rolledOut,
  standUp,
  untilStands,
  UP_TIMEOUT,
  USER_PODS,
  userPods,
} from '../../system/production';
import { noDrain } from './changes';

const prepare = (context: TestContext) => standUp(context);

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

const deletedInTurn: Check = {
  name: 'deleting every Pod in turn fails no request',
  how: 'kubectl delete pod under load, the next once three are available again',
  prepare,
  run: (context) =>
    expectNoHarm(context, () =>
      eachInTurn(context, ({ metadata: { name } }) =>
        context.kubectl(['delete', 'pod', name, '--wait=false']),
      ),
    ),
  fault: noDrain,
};

const evicted: Check = {
  name: 'evicting every Pod in turn fails no request',
  how: 'the Eviction API under load, as the budget allows',
  prepare,
  run: (context) => expectNoHarm(context, () => eachInTurn(context, (pod) => evict(context, pod))),
  fault: noDrain,
};

async function evict(context: TestContext, { metadata: { name } }: Pod): Promise<void> {
  const path = `/api/v1/namespaces/${PRODUCTION}/pods/${name}/eviction`;
  const input = JSON.stringify({
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name, namespace: PRODUCTION },
  });
  await context.until<boolean>(`the budget to let ${name} go`, async () => {
    const { code, stderr } = await context.cluster.kubectl(
      ['create', `--raw=${path}`, '--filename=-'],
      { input, allowFailure: true },
    );
    return code === 0 ? { found: true } : { lastSeen: stderr.trim() };
  });
}

/** Evicts a node's Pods, as their budgets allow; those of the load stay. */
async function drain(context: TestContext, node: string): Promise<void> {
  await context.cluster.kubectl(
    [
      ...['drain', node, '--ignore-daemonsets', '--delete-emptydir-data', '--force'],
      '--timeout=180s',
    ],
    { timeout: 190_000 },
  );
}

/** Has Pods of the service on every node. */
async function spread(context: TestContext): Promise<void> {
  await standUp(context);
  const all = await nodes(context);
  const taken = new Set((await userPods(context)).map(({ spec }) => spec.nodeName));
  if (taken.size === all.length) return;
  await context.kubectl(['rollout', 'restart', 'deployment/user']);
  await untilStands(context);
}

const drained: Check = {
  name: 'draining the node without the stores fails no request',
  how: 'kubectl drain and uncordon under load',
  prepare: spread,
  run: async (context) => {
    const [, second = ''] = await nodes(context);
    return expectNoHarm(context, async () => {
      await drain(context, second);
      await context.kubectl(['uncordon', second]);
      await rolledOut(context, 'deployment/user');
    });
  },
  fault: noDrain,
};

const storesDrained: Check = {
  name: "draining the stores' node turns clients away until it is back, and loses no account",
  how: 'kubectl drain under load, uncordoned 5 s later; each failure has to be 503 with Retry-After',
  prepare: spread,
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
    expectNothingLost(outcome);
    const others = failuresOf(outcome).filter((request) => !isTurnedAway(request));
    expect(
      others.length === 0,
      () => `other failures: ${countKinds(others)}; ${describe(outcome)}`,
    );
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

/** Milliseconds after a process was killed until its Pod is no longer sent requests: the kubelet says so, kube-proxy acts. */
const WITHDRAWN = 3_000;

const killed: Check = {
  name: "a killed process costs what it was doing, and nothing once its Pod's endpoint is withdrawn",
  how:
    "SIGKILL to one Pod's processes under load, and again when it has been restarted, so that it stays away for " +
    `10 s; no request may fail that was due ${WITHDRAWN / 1000} s after either`,
  prepare,
  run: async (context) => {
    const kills: number[] = [];
    const outcome = await underLoad(context, async () => {
      const [pod] = await userPods(context);
      if (pod === undefined) throw new Error('there is no Pod');
      killContainer(pod, 'user');
      kills.push(Date.now());
      const again = await context.until<Pod>('it to be restarted', async () => {
        const now = await context.get<Pod>(`pod/${pod.metadata.name}`);
        const [status] = now.status.containerStatuses ?? [];
        return status?.ready === true &&
          status.restartCount > (pod.status.containerStatuses?.[0]?.restartCount ?? 0)
          ? { found: now }
          : { lastSeen: JSON.stringify(status?.state) };
      });
      killContainer(again, 'user');
      kills.push(Date.now());
      await untilStands(context);
    });
    expectNothingLost(outcome);
    const failed = failuresOf(outcome);
    const after = failed.map(
      ({ at }) => at - Math.max(...kills.filter((kill) => kill <= at + 15_000)),
    );
    const late = failed.filter(({ at }) =>
      kills.every((kill) => at < kill - 15_000 || at > kill + WITHDRAWN),
    );
    expect(late.length === 0, () => `${late.length} failed later: ${describe(outcome)}`);
    const last = Math.max(0, ...after) / 1000;
    return `two kills; the last failure was due ${last.toFixed(1)} s after one; ${describe(outcome)}`;
  },
  fault: {
    what: 'Pods that are not ready are sent requests (publishNotReadyAddresses)',
    manifest: faultIn('Service', /^user$/, ({ spec }) => {
      spec.publishNotReadyAddresses = true;
    }),
  },
};

/** Seconds: Kubernetes waits 40 for a node's sign of life, and clients of vanished Pods 10 for an answer. */
const VANISHED = 60;

const vanished: Check = {
  name: `a node without the stores that vanishes costs at most ${VANISHED} s of the requests to its Pods`,
  how: 'the link of the second node is cut and its processes killed under load from the first; brought back afterwards',
  prepare: spread,
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
  deletedInTurn,
  evicted,
  drained,
  killed,
  storesDrained,
  vanished,
];
