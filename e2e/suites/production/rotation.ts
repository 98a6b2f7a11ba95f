/** Credentials that change. */
import { run } from 'local-cluster';
import type { Check } from '../../harness/check';
import { ROOT } from '../../harness/root';
import type { TestContext } from '../../harness/test-context';
import { expectNoHarm } from '../../system/outcome';
import { standUp } from '../../system/production';

/** The account that the service logs in to MySQL with. */
const ACCOUNT = 'mysql-user';
/** Milliseconds: the kubelet brings Pods a changed Secret within about a minute. */
const ROTATION_TIMEOUT = 240_000;
/** Milliseconds after the check begins: while the Secret is on its way to the Pods. */
const OVERWRITTEN = 25_000;

export const rotation: Check = {
  name: "rotating the service's database account fails no request",
  how: `npm run secrets -- production --rotate ${ACCOUNT} under load, until the old account is locked`,
  prepare: (context: TestContext) => standUp(context),
  run: (context) =>
    expectNoHarm(context, () =>
      run(['npm', 'run', '--silent', 'secrets', '--', 'production', '--rotate', ACCOUNT], {
        cwd: ROOT,
        env: context.cluster.env,
        timeout: ROTATION_TIMEOUT,
      }),
    ),
  fault: {
    what: 'somebody writes a password to the Secret meanwhile that MySQL does not know',
    cluster: (context) => {
      setTimeout(() => {
        const patch = JSON.stringify({ stringData: { password: 'unknown' } });
        void context.kubectl(['patch', `secret/${ACCOUNT}`, `--patch=${patch}`], {
          allowFailure: true,
        });
      }, OVERWRITTEN);
      return Promise.resolve();
    },
  },
};
