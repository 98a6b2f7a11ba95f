/** More Pods, and fewer. */
import { type Check, expect } from '../../harness/check';
import { missingRequirement } from '../../harness/requirements';
import type { TestContext } from '../../harness/test-context';
import { describe, expectNoHarm, expectUnharmed, underLoad } from '../../system/outcome';
import {
  applyAll,
  type Draft,
  productionManifests,
  standUp,
  untilStands,
  UP_TIMEOUT,
  userPods,
} from '../../system/production';
import { noDrain } from './changes';
import { fullCost, type Series } from './series';

async function patchAutoscaler(context: TestContext, spec: Record<string, unknown>): Promise<void> {
  const patch = JSON.stringify({ spec });
  await context.kubectl(['patch', 'hpa/user', '--type=merge', `--patch=${patch}`]);
}

async function untilCount(context: TestContext, what: string, holds: (count: number) => boolean) {
  return context.until<number>(
    what,
    async () => {
      const { status } = await context.get('deployment/user');
      const available = status?.availableReplicas ?? 0;
      const pods = await userPods(context);
      return pods.length === available && holds(available)
        ? { found: available }
        : { lastSeen: `${pods.length} Pods, ${available} available` };
    },
    UP_TIMEOUT,
  );
}

/** Both bounds at once: the upper one must not be below the lower one in between. */
async function bound(context: TestContext, count: number): Promise<void> {
  await patchAutoscaler(context, { minReplicas: count, maxReplicas: count });
  await untilCount(context, `${count} Pods`, (available) => available === count);
}

export const bounds = ({ suffix, load, prepare }: Series): Check => ({
  name: `scaling 3 → 5 → 2 → 3 fails no request${suffix}`,
  how: "the autoscaler's bounds are set to 5, 2 and 3 under load",
  prepare,
  run: (context) =>
    expectNoHarm(
      context,
      async () => {
        for (const count of [5, 2, 3]) await bound(context, count);
      },
      load,
    ),
  fault: noDrain,
});

/** Per cent of the requested processor: low, as a busy machine completes little and a quiet one need not be filled. */
const TARGET = 15;

function utilization(averageUtilization: number) {
  return [
    {
      type: 'Resource',
      resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } },
    },
  ];
}

const underItsOwn: Check = {
  name: 'the autoscaler adds Pods under load, and no request fails',
  how: `it is told to hold ${TARGET} % of the requested processor with three to five Pods; metrics-server says what they take`,
  requires: (cluster) => missingRequirement({ apis: ['metrics.k8s.io/v1beta1'] }, cluster),
  prepare: async (context) => {
    await standUp(context);
    await patchAutoscaler(context, { metrics: utilization(TARGET) });
  },
  run: async (context) => {
    let count = 0;
    const outcome = await underLoad(context, async () => {
      await patchAutoscaler(context, { minReplicas: 3, maxReplicas: 5 });
      count = await untilCount(context, 'more than three Pods', (available) => available > 3);
    });
    await patchAutoscaler(context, { metrics: utilization(70) });
    await bound(context, 3);
    expectUnharmed(outcome);
    return `3 → ${count} Pods; ${describe(outcome)}`;
  },
  fault: {
    what: 'the autoscaler asks for nothing: its target is ten times what is requested',
    cluster: (context) => patchAutoscaler(context, { metrics: utilization(1000) }),
  },
};

/** Pods that somebody set by hand before there was an autoscaler. */
const BY_HAND = 4;

const handedOver: Check = {
  name: 'a Deployment that is handed over to an autoscaler keeps its count, and no request fails',
  how:
    `applied with ${BY_HAND} replicas and without an autoscaler; then kubectl apply set-last-applied and kubectl ` +
    'apply of dist, which says no count, under load',
  prepare: async (context) => {
    await standUp(context);
    await context.kubectl(['delete', 'hpa/user', '--ignore-not-found']);
    const [deployment] = deployments(context);
    if (deployment?.spec !== undefined) deployment.spec.replicas = BY_HAND;
    await applyAll(context, deployment === undefined ? [] : [deployment]);
    await untilCount(context, `${BY_HAND} Pods`, (available) => available === BY_HAND);
  },
  run: async (context) => {
    const fewest: number[] = [];
    const outcome = await underLoad(context, async () => {
      const drafts = productionManifests(context, ({ kind, spec }) => {
        if (kind === 'HorizontalPodAutoscaler' && spec !== undefined) spec.maxReplicas = 12;
      });
      await forgetCount(context);
      await applyAll(context, drafts);
      for (let poll = 0; poll < 20; poll += 1) fewest.push((await userPods(context)).length);
    });
    await bound(context, 3);
    await untilStands(context);
    const least = Math.min(...fewest);
    expect(least >= BY_HAND, () => `of ${BY_HAND} Pods ${least} were left; ${describe(outcome)}`);
    expectUnharmed(outcome);
    return `${BY_HAND} Pods stayed; ${describe(outcome)}`;
  },
  fault: {
    what: 'the Deployment is scaled to 1 meanwhile, as an apply alone does that finds the count gone',
    cluster: async (context) => {
      await context.kubectl(['scale', 'deployment/user', '--replicas=1']);
    },
  },
};

const deployments = (context: TestContext): Draft[] =>
  productionManifests(context).filter(({ kind }) => kind === 'Deployment');

/** Has the next apply not take the count away that it no longer finds in the manifest. */
async function forgetCount(context: TestContext): Promise<void> {
  await context.kubectl(['apply', 'set-last-applied', '--filename=-'], {
    input: JSON.stringify(deployments(context)[0]),
  });
}

export const scaling: readonly Check[] = [bounds(fullCost), underItsOwn, handedOver];
