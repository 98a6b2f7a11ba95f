/** Which network paths are open, tried from Pods of each kind. */
import { type Check, expect } from '../../harness/check';
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
  { what: 'a migration', namespace: PRODUCTION, name: 'user-migrate' },
  { what: 'a stranger in the namespace', namespace: PRODUCTION, name: 'stranger' },
  { what: 'the gateway', namespace: GATEWAY, name: 'gateway' },
  { what: 'the monitoring', namespace: MONITORING, name: 'prometheus' },
  { what: 'a stranger who calls itself the service', namespace: ELSEWHERE, name: 'user' },
] as const satisfies readonly Source[];

type SourceName = (typeof SOURCES)[number]['what'];

type Target = 'user' | "the service's probes and metrics" | 'mysql' | 'redis' | 'the API server';

/** What `uses` in main.ts, the backup and the route declare; all else is to be closed. */
const DECLARED: readonly (readonly [SourceName, Target])[] = [
  ['the service', 'mysql'],
  ['the service', 'redis'],
  ['a backup', 'mysql'],
  ['a restore', 'mysql'],
  ['a migration', 'mysql'],
  ['the gateway', 'user'],
  ['the monitoring', "the service's probes and metrics"],
];
/** Pods outside of production are not production's to close: their own way to the API server is open. */
const OUTSIDE: readonly string[] = [GATEWAY, MONITORING, ELSEWHERE];
/** Who has a declared path to a name has one to DNS. */
const RESOLVES: readonly SourceName[] = ['the service', 'a backup', 'a restore', 'a migration'];

const BY_NAME = 'mysql.user-production.svc.cluster.local';

interface Tried {
  readonly source: SourceName;
  readonly target: Target | 'DNS';
  readonly declared: boolean;
  readonly found: string;
}

const prepare = (context: TestContext) => standUp(context);

/** Milliseconds that a new Pod's rules may take: what enforces them learns of it when it has an address. */
const SETTLED = 15_000;

interface AllTried {
  readonly paths: readonly Tried[];
  /** How long the rules of Pods that were made for it took at most to be enforced, as a sentence. */
  readonly settling: string;
}

/** Every path from every source to every target; those of Pods made for it once they are as declared, or in vain. */
async function tryAll(context: TestContext): Promise<AllTried> {
  const addresses = await targets(context);
  const tried: Tried[] = [];
  const late: number[] = [];
  for (const source of SOURCES) {
    const connect = await connector(context, source, [...addresses.values(), `${BY_NAME}:3306`]);
    const attempt = async () => judge(source, addresses, await connect());
    const begun = Date.now();
    let paths = await attempt();
    while (!('there' in source) && !paths.every(isAsDeclared) && Date.now() < begun + SETTLED) {
      late.push(Date.now() - begun);
      paths = await attempt();
    }
    tried.push(...paths);
  }
  const settling =
    late.length === 0
      ? 'from the first moment'
      : `of new Pods after a moment: some path was not as declared ${(Math.max(...late) / 1000).toFixed(1)} s after they were ready`;
  return { paths: tried, settling };
}

function isAsDeclared({ declared, found }: Tried): boolean {
  return declared ? found === 'open' : found.startsWith('closed');
}

function judge(
  source: (typeof SOURCES)[number],
  addresses: ReadonlyMap<Target, string>,
  found: Readonly<Record<string, string>>,
): readonly Tried[] {
  const outside = OUTSIDE.includes(source.namespace);
  const direct = [...addresses]
    // A store has one Pod: its way to itself is no path of the network.
    .filter(([target]) => target === 'user' || !('there' in source) || target !== source.name)
    .map(([target, address]) => ({
      source: source.what,
      target,
      declared:
        DECLARED.some(([from, to]) => from === source.what && to === target) ||
        (target === 'the API server' && outside),
      found: found[address] ?? 'not tried',
    }));
  const dns = (found[`${BY_NAME}:3306`] ?? '').startsWith('no address') ? 'closed' : 'open';
  const declared = outside || RESOLVES.includes(source.what);
  return [...direct, { source: source.what, target: 'DNS', declared, found: dns }];
}

async function targets(context: TestContext): Promise<ReadonlyMap<Target, string>> {
  const { stdout } = await context.kubectl([
    ...['get', 'service/kubernetes', '--namespace=default', '--output=jsonpath={.spec.clusterIP}'],
  ]);
  const user = await addressOf(context, 'user');
  return new Map<Target, string>([
    ['user', `${user}:10086`],
    ["the service's probes and metrics", `${user}:10087`],
    ['mysql', `${await addressOf(context, 'mysql')}:3306`],
    ['redis', `${await addressOf(context, 'redis')}:6379`],
    ['the API server', `${stdout.trim()}:443`],
  ]);
}

/** Of the last of its Pods: the first is where paths are tried from, and a Pod's way to itself is always open. */
async function addressOf(context: TestContext, name: string): Promise<string> {
  const pods = await podsOf(context, name);
  return pods.at(-1)?.status.podIP ?? 'none';
}

async function podsOf(context: TestContext, name: string): Promise<readonly Pod[]> {
  return (await context.pods()).filter(({ metadata }) => metadata.labels?.[NAME] === name);
}

/** What makes connections from inside a source's Pod. */
async function connector(
  context: TestContext,
  source: Source,
  addresses: readonly string[],
): Promise<() => Promise<Readonly<Record<string, string>>>> {
  const { namespace, name } = source;
  const command = ['/load', 'connect', ...addresses];
  const flag = `--namespace=${namespace}`;
  if (source.there === true)
    return async () =>
      JSON.parse(await fromInside(context, name, command)) as Record<string, string>;
  const pod = `tries-as-${name}`;
  await makePod(context, { namespace, name, pod });
  await context.kubectl(['wait', `pod/${pod}`, flag, '--for=condition=Ready', '--timeout=60s']);
  return async () => {
    const { stdout } = await context.kubectl(['exec', pod, flag, '--', ...command]);
    return JSON.parse(stdout) as Record<string, string>;
  };
}

/** Runs the command in a container that is added to a Pod: it shares the Pod's network. */
async function fromInside(context: TestContext, name: string, command: readonly string[]) {
  const container = `tries-${Date.now().toString(36)}`;
  const [existing] = await podsOf(context, name);
  const pod = existing?.metadata.name ?? name;
  await context.kubectl([
    ...['debug', pod, `--image=${context.image(IMAGES.load)}`, '--profile=restricted'],
    ...['--image-pull-policy=IfNotPresent', `--container=${container}`, '--', ...command],
  ]);
  return context.until<string>(`${pod} to have tried its paths`, async () => {
    const { stdout, stderr } = await context.kubectl(['logs', pod, `--container=${container}`], {
      allowFailure: true,
    });
    return stdout.trimEnd().endsWith('}') ? { found: stdout } : { lastSeen: stderr.trim() };
  });
}

/** A Pod that is selected as those of its kind are, and does nothing but try. */
async function makePod(
  context: TestContext,
  made: { readonly namespace: string; readonly name: string; readonly pod: string },
): Promise<void> {
  await context.cluster.kubectl(['apply', '--filename=-'], {
    input: JSON.stringify({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: made.pod, namespace: made.namespace, labels: { [NAME]: made.name } },
      spec: {
        terminationGracePeriodSeconds: 0,
        securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
        containers: [
          {
            name: 'load',
            image: context.image(IMAGES.load),
            imagePullPolicy: 'IfNotPresent',
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
    const { paths, settling } = await tryAll(context);
    const declared = paths.filter((path) => path.declared);
    const closed = declared.filter((path) => !isAsDeclared(path));
    expect(closed.length === 0, () => `closed: ${closed.map(say).join('; ')}`);
    return `${declared.length} of ${declared.length} open, ${settling}`;
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
    const { paths, settling } = await tryAll(context);
    const others = paths.filter((path) => !path.declared);
    const open = others.filter((path) => !isAsDeclared(path));
    expect(open.length === 0, () => `not closed: ${open.map(say).join('; ')}`);
    return `${others.length} of ${others.length} closed, ${settling}`;
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
