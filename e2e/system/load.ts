/** The load on the service: from a Pod on each node, in the namespace of the gateway. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { type Cluster, ClusterError } from 'local-cluster';
import type { Pod } from '../harness/objects';
import type { TestContext } from '../harness/test-context';
import { GATEWAY, IMAGES, SERVICE } from './names';

/** What the load generator says of a request (services/load). */
export interface LoadRequest {
  /** When it was due, in milliseconds since 1970. */
  readonly at: number;
  /** From when it was due to the end of its answer. */
  readonly ms: number;
  readonly path: '/register' | '/login';
  /** Whether it had a connection of its own. */
  readonly fresh?: true;
  /** 0 where no whole answer came. */
  readonly status: number;
  readonly retryAfter?: true;
  /** Why no answer came. */
  readonly error?: string;
}

export interface Attack {
  readonly requests: readonly LoadRequest[];
  /** Emails whose registration was acknowledged. */
  readonly accounts: readonly string[];
}

/** Makes the namespace's Pods from which the load comes: one on each node, which a drain leaves. */
export async function deployLoad(context: TestContext): Promise<void> {
  const labels = { app: 'load' };
  const container = {
    name: 'load',
    image: context.image(IMAGES.load),
    // Else it would be the first to wait for a processor, and its waiting be taken for the service's.
    resources: { requests: { cpu: '100m' } },
  };
  await context.cluster.kubectl(['apply', '--filename=-'], {
    input: JSON.stringify({
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name: 'load', namespace: GATEWAY },
      spec: {
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [container] } },
      },
    }),
  });
  await untilDeployed(context);
}

/**
 * Has the load come from new Pods. For two minutes (nf_conntrack_tcp_timeout_syn_sent) the kernel sends a connection on to
 * a Pod that is gone whose client happens to have the port of one that got no answer: what one event did would be taken
 * for the next one's doing.
 */
export async function renewLoad(context: TestContext): Promise<void> {
  await context.kubectl(['rollout', 'restart', 'daemonset/load', `--namespace=${GATEWAY}`]);
  await untilDeployed(context);
}

async function untilDeployed(context: TestContext): Promise<void> {
  await context.kubectl(
    ['rollout', 'status', 'daemonset/load', `--namespace=${GATEWAY}`, '--timeout=60s'],
    { timeout: 70_000 },
  );
}

/** A load that is being held. */
export class Load {
  private constructor(private readonly attacks: readonly RunningAttack[]) {}

  /** @param rate requests per second, of all its Pods together. @param nodes those that it comes from. @default all */
  static async start(context: TestContext, rate: number, nodes?: readonly string[]): Promise<Load> {
    const pods = await loadPods(context, nodes);
    const url = await serviceUrl(context);
    const each = `${Math.max(2, Math.round(rate / pods.length))}`;
    const attacks = pods.map(
      (pod) => new RunningAttack(context.cluster, pod, ['attack', `-url=${url}`, `-rate=${each}`]),
    );
    await Promise.all(attacks.map((attack) => attack.started()));
    return new Load(attacks);
  }

  /** Ends it, and waits for the answers that are due. */
  async stop(): Promise<Attack> {
    const ended = await Promise.all(this.attacks.map((attack) => attack.stop()));
    return {
      requests: ended.flatMap(({ requests }) => requests).sort((a, b) => a.at - b.at),
      accounts: ended.flatMap(({ accounts }) => accounts),
    };
  }
}

/** How many logins per second the service completes, asked from each node at once. */
export async function measureLogins(context: TestContext): Promise<number> {
  const url = await serviceUrl(context);
  const pods = await loadPods(context);
  const measured = await Promise.all(
    pods.map(({ metadata: { name } }) => inPod(context, name, ['measure', `-url=${url}`])),
  );
  return measured
    .map((text) => (JSON.parse(text) as { loginsPerSecond: number }).loginsPerSecond)
    .reduce((sum, one) => sum + one, 0);
}

/** Registrations that want emails which others want at the same time. */
export interface Contended {
  /** How many registrations of each email were acknowledged. */
  readonly created: readonly number[];
  /** How many were told that the email is taken. */
  readonly conflicts: number;
  /** All other answers, by status; 0 is none. */
  readonly others: Readonly<Record<string, number>>;
  /** How often a client was told to come back, and did. */
  readonly turnedAway: number;
}

/**
 * Has emails registered from one Pod, one after the other, each by several clients at once.
 *
 * @param count registrations of each email.
 * @param callers clients at once.
 */
export async function contend(
  context: TestContext,
  { emails, count, callers }: Readonly<Record<'emails' | 'count' | 'callers', number>>,
): Promise<Contended> {
  const [pod] = await loadPods(context);
  if (pod === undefined) throw new ClusterError('no Pod is left from which to register');
  const counts = [`-emails=${emails}`, `-count=${count}`, `-callers=${callers}`];
  const args = ['contend', `-url=${await serviceUrl(context)}`, ...counts];
  return JSON.parse(await inPod(context, pod.metadata.name, args)) as Contended;
}

/** As many as can log in within the two minutes that the load generator gives them, on a busy machine. */
const AT_ONCE = 500;

/** @returns those accounts that cannot log in. @throws {ClusterError} where the service does not say so in time. */
export async function lostAccounts(
  context: TestContext,
  accounts: readonly string[],
): Promise<readonly string[]> {
  const url = await serviceUrl(context);
  const [pod] = await loadPods(context);
  if (pod === undefined) throw new ClusterError('no Pod is left from which to log in');
  const lost: string[] = [];
  for (let first = 0; first < accounts.length; first += AT_ONCE) {
    const input = JSON.stringify(accounts.slice(first, first + AT_ONCE));
    const text = await inPod(context, pod.metadata.name, ['verify', `-url=${url}`], input);
    lost.push(...(JSON.parse(text) as { lost: readonly string[] }).lost);
  }
  return lost;
}

async function inPod(context: TestContext, pod: string, args: readonly string[], input = '') {
  const { stdout } = await context.kubectl(
    ['exec', '--stdin', `--namespace=${GATEWAY}`, pod, '--', '/load', ...args],
    // What it does ends by itself, and takes longer than a wait of a check.
    { input, timeout: 180_000 },
  );
  return stdout;
}

/** Those that run and whose node answers. */
async function loadPods(context: TestContext, nodes?: readonly string[]): Promise<readonly Pod[]> {
  const { stdout } = await context.kubectl([
    ...['get', 'pods', `--namespace=${GATEWAY}`, '--selector=app=load', '--output=json'],
  ]);
  const { items } = JSON.parse(stdout) as { items: readonly Pod[] };
  return items.filter(
    ({ spec: { nodeName = '' }, status }) =>
      status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ===
        true &&
      (nodes?.includes(nodeName) ?? true),
  );
}

/** By its address: a gateway knows it, and asks no DNS for each connection. */
async function serviceUrl(context: TestContext): Promise<string> {
  const { spec } = await context.get<{ spec: { clusterIP: string } }>(`service/${SERVICE}`);
  return `http://${spec.clusterIP}`;
}

/** The load generator in one Pod, until its standard input ends. */
class RunningAttack {
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly lines: string[] = [];
  private readonly errors: Buffer[] = [];
  private readonly begun: Promise<unknown>;
  private readonly closed: Promise<unknown>;

  constructor(cluster: Cluster, { metadata: { name } }: Pod, args: readonly string[]) {
    this.child = spawn(
      cluster.kubectlPath,
      ['exec', '--stdin', `--namespace=${GATEWAY}`, name, '--', '/load', ...args],
      { env: cluster.env },
    );
    this.child.stderr.on('data', (chunk: Buffer) => this.errors.push(chunk));
    this.child.stdin.on('error', () => undefined);
    const output = createInterface({ input: this.child.stdout });
    output.on('line', (line) => this.lines.push(line));
    this.closed = once(this.child, 'close');
    this.begun = Promise.race([once(output, 'line'), this.closed]);
  }

  async started(): Promise<void> {
    await this.begun;
    if (this.lines[0] !== 'started') throw this.failure();
  }

  async stop(): Promise<Attack> {
    this.child.stdin.end();
    await this.closed;
    const result = this.lines[1];
    if (result === undefined) throw this.failure();
    return JSON.parse(result) as Attack;
  }

  private failure(): ClusterError {
    return new ClusterError(
      `the load generator ended early: ${Buffer.concat(this.errors).toString().trim()}`,
    );
  }
}
