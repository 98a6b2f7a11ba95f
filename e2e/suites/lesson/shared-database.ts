/** Breaks the isolation of the lesson's replicas: all use the MySQL of one of them. */
import { containersOf, type Manifest } from '../../harness/objects';
import type { TestContext } from '../../harness/test-context';

const SERVICE = 'one-database';

/** Has the service of every Pod look for its database under one name. */
export function oneDatabaseForAll(manifest: Manifest): void {
  const user = containersOf(manifest).find(({ name }) => name === 'user');
  if (user !== undefined) user.env = [{ name: 'MYSQL_HOST', value: SERVICE }];
}

/** Gives that name the address of the first Pod. */
export async function shareDatabase(context: TestContext): Promise<void> {
  const [first] = await context.pods();
  const addresses = [{ ip: first?.status.podIP }];
  const ports = [{ port: 3306 }];
  const metadata = { name: SERVICE };
  const objects = [
    // Without a selector: Kubernetes leaves its endpoints to whoever writes them.
    { apiVersion: 'v1', kind: 'Service', metadata, spec: { ports } },
    { apiVersion: 'v1', kind: 'Endpoints', metadata, subsets: [{ addresses, ports }] },
  ];
  await context.kubectl(['create', '--filename=-'], {
    input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }),
  });
}
