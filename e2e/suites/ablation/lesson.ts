/** The lesson's Deployment as it is, beside production: the same load, the same events. */
import { type Check, expect } from '../../harness/check';
import type { TestContext } from '../../harness/test-context';
import { deployLoad } from '../../system/load';
import { countKinds, failuresOf, hasFailed, underLoad } from '../../system/outcome';
import { rolledOut } from '../../system/production';

/** Requests per second: the lesson's Deployment hashes at the full cost. */
const RATE = 10;

async function prepare(context: TestContext): Promise<void> {
  await context.kubectl([
    'apply',
    `--filename=${context.file('dist/user-service-deployment.k8s.yaml')}`,
  ]);
  await context.kubectl(['apply', '--filename=-'], {
    input: JSON.stringify({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'user' },
      spec: { selector: { name: 'user-service' }, ports: [{ port: 80, targetPort: 10086 }] },
    }),
  });
  await deployLoad(context);
  await rolledOut(context, 'deployment/user-service');
}

export const lessonDeployment: Check = {
  name: "the lesson's Deployment loses accounts, as each Pod has a database of its own",
  how: `${RATE} requests per second through a Service while an image is changed`,
  prepare,
  run: async (context) => {
    const outcome = await underLoad(
      context,
      async () => {
        await context.kubectl([
          'set',
          'env',
          'deployment/user-service',
          'CHANGED=1',
          '--containers=user',
        ]);
        await rolledOut(context, 'deployment/user-service');
      },
      { rate: RATE, expectCalm: false },
    );
    const failed = failuresOf(outcome);
    const denied = outcome.requests.filter((one) => !hasFailed(one) && one.status >= 400);
    const found =
      `image change: ${failed.length} of ${outcome.requests.length} failed (${countKinds(failed)}), ` +
      `${denied.length} logins denied, ${outcome.lost.length} of ${outcome.accounts} accounts lost`;
    expect(outcome.lost.length > 0, () => `nothing was lost: ${found}`);
    return found;
  },
  fault: {
    what: 'nobody registers: the Deployment is not there',
    cluster: async (context) => {
      await context.kubectl(['delete', 'deployment/user-service']);
    },
  },
};
