/** What the two strategies of a Deployment promise, held at every instant of a rollout. */
import type { DeploymentStrategy } from '../../../lib';
import { expect, type Check, type Fixture } from '../../harness/check';
import type { Pod } from '../../harness/objects';
import { templatesOverlap } from '../../harness/history';
import { expectBounds, untilRolledOut, type Bounds } from '../../harness/rollout';
import type { TestContext } from '../../harness/test-context';
import { deployment, NAME, NEW_IMAGE, template } from './workloads';

const REFERENCE = `deployment/${NAME}`;
const REPLICAS = 4;
const SURGE = 1;
const UNAVAILABLE = 1;
const BOUNDS: Bounds = { fewest: REPLICAS - UNAVAILABLE, most: REPLICAS + SURGE };

const ROLLING: DeploymentStrategy = {
  type: 'RollingUpdate',
  rollingUpdate: { maxSurge: SURGE, maxUnavailable: UNAVAILABLE },
};

async function start(context: TestContext, strategy: DeploymentStrategy): Promise<void> {
  await context.apply(deployment({ replicas: REPLICAS, strategy }));
  await untilRolledOut(context, REFERENCE);
}

async function rollOut(context: TestContext, strategy: DeploymentStrategy): Promise<void> {
  const changed = template({ image: NEW_IMAGE });
  await context.apply(deployment({ replicas: REPLICAS, strategy, template: changed }));
  await untilRolledOut(context, REFERENCE);
}

const rollingUpdate: Check = {
  name: 'RollingUpdate keeps the promised Pods available, and wants no more of them than it may',
  how: `a Deployment of lib with replicas ${REPLICAS}, maxSurge ${SURGE}, maxUnavailable ${UNAVAILABLE}; kubectl apply of a new image; every event of a watch`,
  prepare: (context) => start(context, ROLLING),
  run: (context) => expectBounds(context, BOUNDS, () => rollOut(context, ROLLING)),
  fault: {
    what: 'maxUnavailable: 100%',
    manifest: ({ spec }) => {
      const rolling = spec.strategy?.rollingUpdate;
      if (rolling !== undefined) rolling.maxUnavailable = '100%';
    },
  },
};

const RECREATE: DeploymentStrategy = { type: 'Recreate' };

function templateOf({ metadata }: Pod): string {
  return metadata.labels?.['pod-template-hash'] ?? '';
}

const recreate: Check = {
  name: 'Recreate ends all Pods before it makes new ones',
  how: `a Deployment of lib with replicas ${REPLICAS} and strategy Recreate; kubectl apply of a new image; every event of a watch`,
  prepare: (context) => start(context, RECREATE),
  run: async (context) => {
    const instants = await context.watchingPods(() => rollOut(context, RECREATE));
    const without = instants.filter((pods) => pods.length === 0).length;
    const overlap = templatesOverlap(instants, templateOf);
    expect(
      without > 0 && !overlap,
      () =>
        `an instant without Pods, and never old and new together, was promised; there were ${without} such instants, ` +
        `and old and new were ${overlap ? '' : 'never '}together`,
    );
    return `no Pod at ${without} of ${instants.length} instants; old and new never together`;
  },
  fault: {
    what: 'strategy: RollingUpdate',
    manifest: ({ spec }) => {
      spec.strategy = { type: 'RollingUpdate' };
    },
  },
};

export const STRATEGY_FIXTURES: readonly Fixture[] = [
  { name: 'rolling-update', checks: [rollingUpdate] },
  { name: 'recreate', checks: [recreate] },
];
