/** From RollingUpdate to Recreate, as the README has it. */
import type { DeploymentStrategy } from '../../../lib';
import { deployment, NAME } from '../controllers/workloads';
import { expect, type Claim, type Scene } from '../../harness/claim';
import type { Stage } from '../../harness/stage';

const REFUSAL =
  "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'";

const ROLLING: DeploymentStrategy = {
  type: 'RollingUpdate',
  rollingUpdate: { maxSurge: 1, maxUnavailable: 0 },
};
const RECREATE: DeploymentStrategy = { type: 'Recreate' };

/** Without Pods: only what the API server says is looked at. */
function withStrategy(strategy?: DeploymentStrategy) {
  return deployment({ replicas: 0, ...(strategy && { strategy }) });
}

async function strategyThere(stage: Stage): Promise<string> {
  const { spec } = await stage.get(`deployment/${NAME}`);
  return JSON.stringify(spec.strategy);
}

const refused: Claim = {
  name: 'a defaulted RollingUpdate cannot be changed to Recreate by kubectl apply --server-side',
  how: 'kubectl apply --server-side of a Deployment without strategy, then with Recreate: refused in the words of the README, nothing changed',
  prepare: async (stage) => {
    await stage.apply(withStrategy(), '--server-side');
  },
  run: async (stage) => {
    const before = await strategyThere(stage);
    const file = stage.manifest(withStrategy(RECREATE));
    const command = ['apply', '--server-side', `--filename=${file}`];
    const { code, stdout, stderr } = await stage.kubectl(command, { allowFailure: true });
    expect(
      code === 1 && stderr.includes(REFUSAL),
      () => `a refusal was promised (${REFUSAL}); kubectl said: ${stdout}${stderr}`,
    );
    const after = await strategyThere(stage);
    expect(before === after, () => `no change was promised, got ${before}, then ${after}`);
    return `exit code 1, ${REFUSAL}`;
  },
  breakage: {
    what: 'RollingUpdate is written out',
    manifest: ({ spec }) => {
      spec.strategy ??= {
        type: 'RollingUpdate',
        rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' },
      };
    },
  },
};

const accepted: Claim = {
  name: 'a RollingUpdate that was written out can be changed to Recreate by kubectl apply --server-side',
  how: 'kubectl apply --server-side of a Deployment with the RollingUpdate that lib writes, then with Recreate: .spec.strategy has nothing else',
  prepare: async (stage) => {
    await stage.apply(withStrategy(ROLLING), '--server-side');
  },
  run: async (stage) => {
    const before = await strategyThere(stage);
    await stage.apply(withStrategy(RECREATE), '--server-side');
    return `${before}, then ${await expectRecreate(stage)}`;
  },
  breakage: {
    what: 'RollingUpdate is left to the default',
    manifest: ({ spec }) => {
      if (spec.strategy?.type === 'RollingUpdate') delete spec.strategy;
    },
  },
};

const clientSide: Claim = {
  name: 'kubectl apply without --server-side changes either to Recreate',
  how: 'kubectl apply of a Deployment without strategy, then Recreate; of RollingUpdate written out, then Recreate',
  run: async (stage) => {
    for (const strategy of [undefined, ROLLING]) {
      await stage.apply(withStrategy(strategy));
      await stage.apply(withStrategy(RECREATE));
      await expectRecreate(stage);
      await stage.kubectl(['delete', 'deployment', NAME]);
    }
    return 'Recreate, from the default and from what was written';
  },
  breakage: {
    what: 'the rollingUpdate block stays beside Recreate',
    manifest: ({ spec }) => {
      if (spec.strategy?.type === 'Recreate') spec.strategy.rollingUpdate = { maxSurge: 1 };
    },
  },
};

async function expectRecreate(stage: Stage): Promise<string> {
  const there = await strategyThere(stage);
  expect(there === JSON.stringify(RECREATE), () => `only Recreate was promised, got ${there}`);
  return there;
}

export const STRATEGY_CHANGE_SCENES: readonly Scene[] = [
  { name: 'recreate-from-default', claims: [refused] },
  { name: 'recreate-from-written', claims: [accepted] },
  { name: 'recreate-client-side', claims: [clientSide] },
];
