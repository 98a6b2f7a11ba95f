/** From RollingUpdate to Recreate, as the README has it. */
import { type DeploymentStrategy, LessonDeployment, userService } from '../../../lib';
import { expect, type Check, type Fixture } from '../../harness/check';
import { render } from '../../harness/render';
import type { TestContext } from '../../harness/test-context';

const FORBIDDEN =
  "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'";

const LESSON = userService({
  images: { user: 'user', mysql: 'mysql-for-user', redis: 'redis:5.0' },
});
const ROLLING: DeploymentStrategy = {
  type: 'RollingUpdate',
  rollingUpdate: { maxSurge: 1, maxUnavailable: 0 },
};
const RECREATE: DeploymentStrategy = { type: 'Recreate' };

/** Without Pods: only what the API server says matters. */
function withStrategy(strategy?: DeploymentStrategy) {
  return render((chart) => {
    new LessonDeployment(chart, 'deployment', { ...LESSON, replicas: 0, strategy });
  });
}

async function strategyThere(context: TestContext): Promise<string> {
  const { spec } = await context.get(`deployment/${LESSON.name}`);
  return JSON.stringify(spec.strategy);
}

const refused: Check = {
  name: 'a defaulted RollingUpdate cannot be changed to Recreate by kubectl apply --server-side',
  how: 'kubectl apply --server-side of a Deployment without strategy, then with Recreate: refused in the words of the README, nothing changed',
  prepare: async (context) => {
    await context.apply(withStrategy(), '--server-side');
  },
  run: async (context) => {
    const before = await strategyThere(context);
    const file = context.manifest(withStrategy(RECREATE));
    const command = ['apply', '--server-side', `--filename=${file}`];
    const { code, stdout, stderr } = await context.kubectl(command, { allowFailure: true });
    expect(
      code === 1 && stderr.includes(FORBIDDEN),
      () => `an error was promised (${FORBIDDEN}); kubectl said: ${stdout}${stderr}`,
    );
    const after = await strategyThere(context);
    expect(before === after, () => `no change was promised, got ${before}, then ${after}`);
    return `exit code 1, ${FORBIDDEN}`;
  },
  fault: {
    what: 'RollingUpdate is written out',
    manifest: ({ spec }) => {
      spec.strategy ??= {
        type: 'RollingUpdate',
        rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' },
      };
    },
  },
};

const accepted: Check = {
  name: 'a RollingUpdate that was written out can be changed to Recreate by kubectl apply --server-side',
  how: 'kubectl apply --server-side of a Deployment with the RollingUpdate that lib writes, then with Recreate: .spec.strategy has nothing else',
  prepare: async (context) => {
    await context.apply(withStrategy(ROLLING), '--server-side');
  },
  run: async (context) => {
    const before = await strategyThere(context);
    await context.apply(withStrategy(RECREATE), '--server-side');
    return `${before}, then ${await expectRecreate(context)}`;
  },
  fault: {
    what: 'RollingUpdate is left to the default',
    manifest: ({ spec }) => {
      if (spec.strategy?.type === 'RollingUpdate') delete spec.strategy;
    },
  },
};

const clientSide: Check = {
  name: 'kubectl apply without --server-side changes either to Recreate',
  how: 'kubectl apply of a Deployment without strategy, then Recreate; of RollingUpdate written out, then Recreate',
  run: async (context) => {
    for (const strategy of [undefined, ROLLING]) {
      await context.apply(withStrategy(strategy));
      await context.apply(withStrategy(RECREATE));
      await expectRecreate(context);
      await context.kubectl(['delete', 'deployment', LESSON.name]);
    }
    return 'Recreate, from the default and from what was written';
  },
  fault: {
    what: 'the rollingUpdate block stays beside Recreate',
    manifest: ({ spec }) => {
      if (spec.strategy?.type === 'Recreate') spec.strategy.rollingUpdate = { maxSurge: 1 };
    },
  },
};

async function expectRecreate(context: TestContext): Promise<string> {
  const there = await strategyThere(context);
  expect(there === JSON.stringify(RECREATE), () => `only Recreate was promised, got ${there}`);
  return there;
}

export const STRATEGY_CHANGE_FIXTURES: readonly Fixture[] = [
  { name: 'recreate-from-default', checks: [refused] },
  { name: 'recreate-from-written', checks: [accepted] },
  { name: 'recreate-client-side', checks: [clientSide] },
];
