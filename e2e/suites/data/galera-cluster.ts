/** Three nodes of Galera behind one Service, as a store that is run elsewhere: MariaDB and galera-4 of Debian. */
import { certificate } from '../../../commands/certificate';
import { password } from '../../../commands/wanted-secrets';
import type { Pod } from '../../harness/objects';
import type { TestContext } from '../../harness/test-context';
import { IMAGES } from '../../system/names';
import { UP_TIMEOUT } from '../../system/production';

/** Its namespace: none of production's. */
export const STORES = 'stores';
/** The one address. */
export const ADDRESS = `galera.${STORES}.svc.cluster.local`;
export const NODES = 3;

export interface Accounts {
  readonly user: Readonly<Record<'username' | 'password' | 'ca.crt', string>>;
  readonly owner: Readonly<Record<'username' | 'password' | 'ca.crt', string>>;
}

const SCHEMA = 'user';
const LABELS = { app: 'galera' } as const;

/**
 * The first node makes the cluster, once; all others, and it itself when it comes back, join those that they find.
 * https://galeracluster.com/documentation/
 */
const START = `set -euo pipefail
found=
for node in $(seq 0 ${NODES - 1}); do
  name=galera-$node.galera-nodes
  if [ "$HOSTNAME" != "galera-$node" ] && getent hosts $name >/dev/null; then found=$found,$name; fi
done
first=()
if [ "$HOSTNAME" = galera-0 ] && [ ! -e /var/lib/mysql/grastate.dat ] && [ -z "$found" ]; then first=(--wsrep-new-cluster); fi
exec docker-entrypoint.sh mysqld "\${first[@]}" --wsrep-on=ON --wsrep-provider=/usr/lib/galera/libgalera_smm.so \\
  --wsrep-cluster-name=user --wsrep-cluster-address="gcomm://\${found#,}" --wsrep-node-name="$HOSTNAME" \\
  --wsrep-node-address="$ADDRESS" --wsrep-sst-method=rsync --binlog-format=ROW --innodb-autoinc-lock-mode=2 \\
  --wsrep-provider-options='gcache.size=16M;evs.suspect_timeout=PT3S;evs.inactive_timeout=PT6S' \\
  --innodb-buffer-pool-size=64M --innodb-flush-log-at-trx-commit=1 --max-connections=400 \\
  --ssl-ca=/tls/ca.crt --ssl-cert=/tls/tls.crt --ssl-key=/tls/tls.key`;

const READY = `mariadb --user=root --password="$MYSQL_ROOT_PASSWORD" --batch --skip-column-names \\
  --execute="SHOW STATUS LIKE 'wsrep_local_state_comment'" | grep --quiet Synced`;

/** Starts it, and waits until all nodes have joined. @returns what the service and its migration log in with. */
export async function startGalera(context: TestContext): Promise<Accounts> {
  const tls = certificate('galera', [ADDRESS]);
  const account = (username: string) => ({
    username,
    password: password(),
    'ca.crt': tls['ca.crt'] ?? '',
  });
  const accounts = { user: account('service'), owner: account('owner') };
  const grants = [
    [accounts.user, 'SELECT, INSERT, UPDATE, DELETE'],
    [accounts.owner, 'ALL'],
  ] as const;
  const sql = grants
    .map(
      ([{ username, password }, rights]) =>
        `CREATE USER '${username}'@'%' IDENTIFIED BY '${password}' REQUIRE SSL;\n` +
        `GRANT ${rights} ON \`${SCHEMA}\`.* TO '${username}'@'%';\n`,
    )
    .join('');
  const secret = (name: string, stringData: Readonly<Record<string, string>>) => ({
    ...object('v1', 'Secret', name),
    stringData,
  });
  await apply(context, [
    secret('galera-tls', tls),
    secret('galera', { root: password(), 'accounts.sql': sql }),
    {
      ...object('v1', 'Service', 'galera-nodes'),
      // They find each other before they are ready.
      spec: { clusterIP: 'None', publishNotReadyAddresses: true, selector: LABELS },
    },
    { ...object('v1', 'Service', 'galera'), spec: { selector: LABELS, ports: [{ port: 3306 }] } },
    { ...object('apps/v1', 'StatefulSet', 'galera'), spec: statefulSet(context) },
  ]);
  await untilNodes(context, NODES);
  return accounts;
}

const object = (apiVersion: string, kind: string, name: string) => ({
  apiVersion,
  kind,
  metadata: { name, namespace: STORES },
});

async function apply(context: TestContext, items: readonly object[]): Promise<void> {
  const list = items.map((item) => context.withFault(item));
  await context.cluster.kubectl(['apply', '--filename=-'], {
    input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: list }),
  });
}

function statefulSet(context: TestContext): object {
  const files = (name: string, mountPath: string, items?: readonly object[]) => ({
    volume: { name, secret: { secretName: name, ...(items !== undefined && { items }) } },
    mount: { name, mountPath, readOnly: true },
  });
  const init = files('galera', '/docker-entrypoint-initdb.d', [
    { key: 'accounts.sql', path: 'accounts.sql' },
  ]);
  const tls = files('galera-tls', '/tls');
  return {
    replicas: NODES,
    serviceName: 'galera-nodes',
    selector: { matchLabels: LABELS },
    template: {
      metadata: { labels: LABELS },
      spec: {
        terminationGracePeriodSeconds: 20,
        containers: [
          {
            name: 'mysql',
            image: context.image(IMAGES.mysql),
            command: ['bash', '-c', START],
            env: [
              { name: 'MYSQL_DATABASE', value: SCHEMA },
              {
                name: 'MYSQL_ROOT_PASSWORD',
                valueFrom: { secretKeyRef: { name: 'galera', key: 'root' } },
              },
              { name: 'ADDRESS', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
            ],
            ports: [{ containerPort: 3306 }],
            readinessProbe: {
              exec: { command: ['bash', '-c', READY] },
              periodSeconds: 3,
              timeoutSeconds: 5,
              failureThreshold: 2,
            },
            volumeMounts: [
              init.mount,
              tls.mount,
              // A container that is started again finds its data.
              { name: 'data', mountPath: '/var/lib/mysql' },
            ],
          },
        ],
        volumes: [init.volume, tls.volume, { name: 'data', emptyDir: {} }],
      },
    },
  };
}

/** The nodes as Pods, by name. */
export async function nodesOf(context: TestContext): Promise<readonly Pod[]> {
  const { stdout } = await context.kubectl([
    ...['get', 'pods', `--namespace=${STORES}`, '--selector=app=galera', '--output=json'],
  ]);
  return (JSON.parse(stdout) as { items: Pod[] }).items;
}

/** Has so many nodes. */
export async function scaleGalera(context: TestContext, count: number): Promise<void> {
  await context.kubectl([
    ...['scale', `--namespace=${STORES}`, 'statefulset/galera', `--replicas=${count}`],
  ]);
  await untilNodes(context, count);
}

/** Waits until so many nodes, and no other, have joined. */
export async function untilNodes(context: TestContext, count: number): Promise<void> {
  await context.until<boolean>(
    `${count} nodes of Galera that have joined`,
    async () => {
      const pods = await nodesOf(context);
      const ready = pods.filter(
        ({ status }) => status.containerStatuses?.every((one) => one.ready) === true,
      );
      if (pods.length !== count || ready.length !== count)
        return { lastSeen: `${ready.length} of ${pods.length} ready` };
      const sizes = await status(context, 'wsrep_cluster_size');
      return sizes.every((size) => size === `${count}`)
        ? { found: true }
        : { lastSeen: `they see ${sizes.join(', ')} nodes` };
    },
    UP_TIMEOUT,
  );
}

/** A status variable of each node. */
export async function status(context: TestContext, name: string): Promise<readonly string[]> {
  const rows = await sql(context, `SHOW STATUS LIKE '${name}'`);
  return rows.map((row) => row.trim().split('\t')[1] ?? '');
}

/** Asks each node that runs. @returns what each says, in columns with tabs between them. */
export async function sql(context: TestContext, statement: string): Promise<readonly string[]> {
  const answers: string[] = [];
  for (const { metadata } of await nodesOf(context)) {
    const { stdout } = await context.kubectl([
      ...['exec', `--namespace=${STORES}`, metadata.name, '--', 'bash', '-c'],
      'mariadb --user=root --password="$MYSQL_ROOT_PASSWORD" --batch --skip-column-names --execute="$0"',
      statement,
    ]);
    answers.push(stdout);
  }
  return answers;
}

/** How many transactions two nodes had in each other's way. */
export async function conflicts(context: TestContext): Promise<number> {
  const counts = [
    ...(await status(context, 'wsrep_local_cert_failures')),
    ...(await status(context, 'wsrep_local_bf_aborts')),
  ];
  return counts.reduce((sum, count) => sum + Number(count), 0);
}
