/** Production's service with a store that is run elsewhere, instead of production's own MySQL. */
import { environments } from '../../../environments';
import { type Environment, external, Microservice, Redis } from '../../../lib';
import type { TestContext } from '../../harness/test-context';
import { deployLoad } from '../../system/load';
import { IMAGES, SERVICE } from '../../system/names';
import { applyAll, makeSecrets, rolledOut } from '../../system/production';
import { synthesized } from '../../system/synthesized';
import { type Accounts, ADDRESS } from './galera-cluster';

/** Names of the Secrets that a person makes for an external store. */
const SECRETS = { user: 'mysql-external', owner: 'mysql-external-owner' } as const;

/**
 * Applies it, with so many migrations at once, and waits until it stands.
 *
 * @param migrations how many Pods its migration Job has.
 */
export async function standUpOnGalera(
  context: TestContext,
  accounts: Accounts,
  migrations: number,
): Promise<void> {
  await makeSecrets(context);
  for (const role of ['user', 'owner'] as const)
    await context.kubectl(['apply', '--filename=-'], {
      input: JSON.stringify({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: SECRETS[role] },
        stringData: accounts[role],
      }),
    });
  const drafts = synthesized(context, (environment) => {
    define(environment, (name) => context.image(name));
  });
  for (const { kind, spec } of drafts) {
    if (kind === 'Job')
      Object.assign(spec ?? {}, { completions: migrations, parallelism: migrations });
    if (kind === 'HorizontalPodAutoscaler')
      Object.assign(spec ?? {}, { minReplicas: 3, maxReplicas: 3 });
  }
  await applyAll(context, drafts);
  for (const reference of ['statefulset/redis', `deployment/${SERVICE}`])
    await rolledOut(context, reference);
  await deployLoad(context);
}

/** What main.ts makes of production, but for the store. */
function define(environment: Environment, image: (name: string) => string): void {
  const { scale, resources, drainDelay } = environments.production;
  const store = (id: string, secret: string) =>
    external(environment, id, {
      host: ADDRESS,
      port: 3306,
      secret,
      variables: { DATABASE: 'user' },
      // To a network policy the address of a Service is those of its Pods.
      addresses: '10.0.0.0/8',
    });
  const redis = new Redis(environment, 'redis', { image: image(IMAGES.redis) });
  new Microservice(environment, SERVICE, {
    ...scale,
    resources,
    drainDelay,
    image: image(IMAGES.user),
    port: 10086,
    adminPort: 10087,
    host: 'user.example.com',
    probes: { start: '/readyz', live: '/healthz' },
    uses: { MYSQL: store('mysql', SECRETS.user), REDIS: redis },
    migration: { args: ['migrate'], uses: { MYSQL: store('owner', SECRETS.owner) } },
    env: {
      ADMIN_ADDR: ':10087',
      MIGRATIONS: 'check',
      TRUSTED_PROXIES: '10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7',
    },
  });
}
