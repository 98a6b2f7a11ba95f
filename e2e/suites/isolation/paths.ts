/** Which network paths are open, tried from Pods of each kind. */
import { type Check, expect, NotRun } from '../../harness/check';
import type { Pod } from '../../harness/objects';
import type { TestContext } from '../../harness/test-context';
import { GATEWAY, IMAGES, PRODUCTION } from '../../system/names';
import { standUp } from '../../system/production';

/** A namespace that nothing in production knows, and that of the monitoring. */
export const ELSEWHERE = 'elsewhere';
export const MONITORING = 'monitoring';

/** Whose Pods try: where they are, and the name that policies select them by. */
interface Source {
  readonly what: string;
  readonly namespace: string;
  readonly name: string;
  /** Set where the Pod is there: it is tried from inside. @default a Pod with the same labels is made for it */
  readonly there?: true;
}

const NAME = 'app.kubernetes.io/name';

const SOURCES = [
  { what: 'the service', namespace: PRODUCTION, name: 'user', there: true },
  { what: 'MySQL', namespace: PRODUCTION, name: 'mysql', there: true },
  { what: 'Redis', namespace: PRODUCTION, name: 'redis', there: true },
  { what: 'a backup', namespace: PRODUCTION, name: 'mysql-backup' },
  { what: 'a restore', namespace: PRODUCTION, name: 'mysql-restore' },
  { what: 'a stranger in the namespace', namespace: PRODUCTION, name: 'stranger' },
  { what: 'the gateway', namespace: GATEWAY, name: 'gateway' },
  { what: 'the monitoring', namespace: MONITORING, name: 'prometheus' },
  { what: 'a stranger who calls itself the service', namespace: ELSEWHERE, name: 'user' },
] as const satisfies readonly Source[];

type SourceName = (typeof SOURCES)[number]['what'];

type Target = 'user' | 'mysql' | 'redis' | 'the API server';

/** What `uses` in main.ts, the backup and the route declare; all else is to be closed. */
const DECLARED: readonly (readonly [SourceName, Target])[] = [
  ['the service', 'mysql'],
  ['the service', 'redis'],
  ['a backup', 'mysql'],
  ['a restore', 'mysql'],
  ['the gateway', 'user'],
  ['the monitoring', 'user'],
];
/** Pods outside of production are not production's to close: their own way to the API server is open. */
const OUTSIDE: readonly string[] = [GATEWAY, MONITORING, ELSEWHERE];
/** Who has a declared path to a name has one to DNS. */
const RESOLVES: readonly SourceName[] = ['the service', 'a backup', 'a restore'];

const PORTS = { user: 10086, mysql: 3306, redis: 6379 } as const;
const BY_NAME = 'mysql.user-production.svc.cluster.local';

interface Tried {
  readonly source: SourceName;
  readonly target: Target | 'DNS';
  readonly declared: boolean;
  readonly found: string;
}

const prepare = (context: TestContext) => standUp(context);

/** Every path from every source to every target. */
async function tryAll(context: TestContext): Promise<readonly Tried[]> {
  const addresses = await targets(context);
  const tried: Tried[] = [];
  for (const source of SOURCES) {
    const wanted = [...addresses.values(), `${BY_NAME}:3306`];
    const found = await connectFrom(context, source, wanted);
    for (const [target, address] of addresses) {
      const declared =
        DECLARED.some(([from, to]) => from === source.what && to === target) ||
        (target === 'the API server' && OUTSIDE.includes(source.namespace));
      tried.push({ source: source.what, target, declared, found: found[address] ?? 'not tried' });
    }
    tried.push({
      source: source.what,
      target: 'DNS',
      declared: RESOLVES.includes(source.what) || OUTSIDE.includes(source.namespace),
      found: (found[`${BY_NAME}:3306`] ?? '').startsWith('no address') ? 'closed' : 'open',
    });
  }
  return tried;
}

async function targets(context: TestContext): Promise<ReadonlyMap<Target, string>> {
  const found = new Map<Target, string>();
  for (const name of ['user', 'mysql', 'redis'] as const) {
    const [pod] = await context.list<Pod>('pods', `--selector=${NAME}=${name}`);
    found.set(name, `${pod?.status.podIP ?? 'none'}:${PORTS[name]}`);
  }
  const { stdout } = await context.kubectl([
    ...['get', 'service/kubernetes', '--namespace=default', '--output=jsonpath={.spec.clusterIP}'],
  ]);
  return found.set('the API server', `${stdout.trim()}:443`);
}

async function connectFrom(
  context: TestContext,
  { namespace, name, ...source }: Source,
  addresses: readonly string[],
): Promise<Readonly<Record<string, string>>> {
  const command = ['/load', 'connect', ...addresses];
  const flag = `--namespace=${namespace}`;
  const container = `connect-${Date.now().toString(36)}`;
  const pod = source.there === true ? await existing(context, name) : container;
  if (source.there === true)
    await context.kubectl([
      ...['debug', pod, flag, `--image=${context.image(IMAGES.load)}`, '--profile=restricted'],
      ...['--image-pull-policy=IfNotPresent', `--container=${container}`, '--', ...command],
    ]);
  else await makePod(context, { namespace, name, pod, container, command });
  const text = await context.until<string>(`${pod} to have tried its paths`, async () => {
    const { stdout, stderr } = await context.kubectl(
      ['logs', pod, flag, `--container=${container}`],
      {
        allowFailure: true,
      },
    );
    return stdout.trimEnd().endsWith('}') ? { found: stdout } : { lastSeen: stderr.trim() };
  });
  if (source.there !== true) await context.kubectl(['delete', 'pod', pod, flag, '--wait=false']);
  return JSON.parse(text) as Record<string, string>;
}

async function existing(context: TestContext, name: string): Promise<string> {
  const [pod] = await context.list<Pod>('pods', `--selector=${NAME}=${name}`);
  if (pod === undefined) throw new NotRun(`there is no Pod of ${name}`);
  return pod.metadata.name;
}

/** A Pod that is selected as those of its kind are, and does nothing but try. */
async function makePod(
  context: TestContext,
  made: {
    readonly namespace: string;
    readonly name: string;
    readonly pod: string;
    readonly container: string;
    readonly command: readonly string[];
  },
): Promise<void> {
  await context.cluster.kubectl(['create', '--filename=-'], {
    input: JSON.stringify({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: made.pod, namespace: made.namespace, labels: { [NAME]: made.name } },
      spec: {
        restartPolicy: 'Never',
        securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
        containers: [
          {
            name: made.container,
            image: context.image(IMAGES.load),
            imagePullPolicy: 'IfNotPresent',
            command: made.command,
            securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
          },
        ],
      },
    }),
  });
}

const say = ({ source, target, found }: Tried) => `${source} → ${target}: ${found}`;

const declaredPaths: Check = {
  name: 'every declared path is open, and DNS to whoever has one',
  how: 'connections are made from inside the Pods, and from Pods that are labelled as they are',
  prepare,
  run: async (context) => {
    const declared = (await tryAll(context)).filter((path) => path.declared);
    const closed = declared.filter(({ found }) => found !== 'open');
    expect(closed.length === 0, () => `closed: ${closed.map(say).join('; ')}`);
    return `${declared.length} of ${declared.length} open`;
  },
  fault: {
    what: "the service's network policy is missing",
    cluster: async (context) => {
      await context.kubectl(['delete', 'networkpolicy', 'user']);
    },
  },
};

const otherPaths: Check = {
  name: 'every other path is closed',
  how: "as above, also from other namespaces, to the Pods' own addresses and to the API server",
  prepare,
  run: async (context) => {
    const others = (await tryAll(context)).filter((path) => !path.declared);
    const open = others.filter(({ found }) => !found.startsWith('closed'));
    expect(open.length === 0, () => `not closed: ${open.map(say).join('; ')}`);
    return `${others.length} of ${others.length} closed`;
  },
  fault: {
    what: "MySQL's network policy lets everybody in",
    cluster: async (context) => {
      const patch = JSON.stringify({ spec: { ingress: [{}] } });
      await context.kubectl(['patch', 'networkpolicy/mysql', '--type=merge', `--patch=${patch}`]);
    },
  },
};

export const paths: readonly Check[] = [declaredPaths, otherPaths];
