/** `npm start`: from a clone to the lesson's Deployment answering. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  type Cluster,
  ClusterError,
  type ClusterOptions,
  clusterProvider,
  CommandFailure,
  Steps,
} from 'local-cluster';
import { type ProvidedImages, provideImages } from '../services/images';
import { type Answer, USER_PORT, withUserClient } from '../services/user-client';
import { withClusterLock } from './cluster-lock';
import { parseArguments, runCommand, UsageError } from './command';
import { Interruption, interruptions } from './interruption';
import { readWorkloads, renameImages, type Workload } from './manifests';

const USAGE = `npm start [-- options]

  --context NAME     use the cluster of this kubeconfig context (or E2E_CONTEXT)
  --registry HOST    where images go for a named context, as host[:port][/path]
  --help             this text

exit code: 0 the Deployment answers, 1 it does not, 2 wrong usage`;

/** Of a named context, where others work as well; a cluster that is ours has the lesson's own `default`. */
const NAMESPACE = 'user-service';
const LABEL = 'user-service-kubernetes/start';
/** Milliseconds for a workload's Pods to get ready: three MariaDBs on two cores take some. */
const READY_TIMEOUT = 5 * 60_000;
/** Milliseconds for what was interrupted to end. */
const END_TIMEOUT = 15_000;

type Options = Pick<ClusterOptions, 'context' | 'registry'>;

const print = (line: string) => {
  console.log(line);
};

runCommand(
  async (argv) => {
    const options = parseOptions(argv);
    const signal = interruptions('stopping', print);
    const work = withClusterLock('running npm start', () => start(options, signal));
    const aborted = new Promise((resolve) => {
      signal.addEventListener('abort', resolve);
    });
    await Promise.race([work, aborted]).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
    if (!signal.aborted) return;
    // Temporary files go with the work that made them.
    await Promise.race([work.catch(() => undefined), pause(END_TIMEOUT)]);
    if (!(signal.reason instanceof Interruption)) throw signal.reason;
    console.error(`${signal.reason.message}; npm start goes on from here`);
    process.exit(signal.reason.exitCode);
  },
  [ClusterError],
);

/** @throws {UsageError} saying which word is wrong. */
function parseOptions(argv: readonly string[]): Options {
  const { values } = parseArguments(argv, {
    usage: USAGE,
    options: { context: { type: 'string' }, registry: { type: 'string' } },
  });
  for (const [name, value] of Object.entries(values)) {
    if (value === '') throw new UsageError(`--${name} must not be empty\nusage: ${USAGE}`);
  }
  return values;
}

async function start({ context, registry }: Options, signal: AbortSignal): Promise<void> {
  const steps = new Steps(print);
  const provider = await clusterProvider({
    ...(context !== undefined && { context }),
    ...(registry !== undefined && { registry }),
    print,
  });
  // Of a named context, `up` makes a namespace that goes at the end: here the Deployment is to stay.
  const found = provider.provider === 'context' ? await provider.find() : undefined;
  const cluster = found ?? (await provider.up());
  try {
    await deploy(cluster, { context, registry }, steps, signal);
  } finally {
    await cluster.close();
  }
}

/** What `npm start` works with. */
interface Run {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly steps: Steps;
  /** @returns what kubectl wrote in the namespace. */
  readonly kubectl: (args: readonly string[], input?: string) => Promise<string>;
}

async function deploy(
  cluster: Cluster,
  { context, registry }: Options,
  steps: Steps,
  signal: AbortSignal,
): Promise<void> {
  const workloads = readWorkloads('dist').filter(({ environment }) => environment === '');
  const names = new Set(workloads.flatMap(({ images }) => [...images.values()]));
  const images = await provideImages([...names], cluster, registry, steps);
  const namespace = await ensureNamespace(cluster);
  const run: Run = {
    cluster,
    namespace,
    steps,
    kubectl: async (args, input = '') => {
      signal.throwIfAborted();
      const flags = [`--namespace=${namespace}`, ...args];
      const { stdout } = await cluster.kubectl(flags, { input, timeout: READY_TIMEOUT });
      return stdout.trim();
    },
  };
  await deleteStalePods(run, images);
  await applyDist(run, workloads, images);
  for (const workload of workloads) await untilReady(run, workload);
  await tryOut(run, context, images);
}

/** Where it is deployed. @throws {ClusterError} where the namespace for it is somebody else's. */
async function ensureNamespace(cluster: Cluster): Promise<string> {
  if (cluster.provider !== 'context') return 'default';
  const get = ['get', 'namespace', NAMESPACE, '--ignore-not-found', '--output=json'];
  const { stdout } = await cluster.kubectl(get);
  if (stdout === '') {
    const metadata = { name: NAMESPACE, labels: { [LABEL]: '' } };
    await cluster.kubectl(['create', '--filename=-'], {
      input: JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata }),
    });
    return NAMESPACE;
  }
  const { metadata } = JSON.parse(stdout) as { metadata: { labels?: Record<string, string> } };
  if (metadata.labels?.[LABEL] !== undefined) return NAMESPACE;
  throw new ClusterError(
    `npm start uses the namespace ${NAMESPACE} of ${cluster.description}, and somebody else made it ` +
      `(it has no label ${LABEL}); rename it, or name another cluster with --context`,
  );
}

interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly deletionTimestamp?: string;
    readonly ownerReferences?: readonly unknown[];
  };
  readonly spec: { readonly containers: readonly { readonly name: string }[] };
  readonly status: {
    readonly podIP?: string;
    readonly containerStatuses?: readonly {
      readonly name: string;
      readonly image: string;
      readonly imageID: string;
    }[];
  };
}

/** Those with the container `user`, the ones of a controller first. */
async function userPods({ kubectl }: Run): Promise<Pod[]> {
  const { items } = JSON.parse(await kubectl(['get', 'pods', '--output=json'])) as { items: Pod[] };
  const controlled = ({ metadata }: Pod) => (metadata.ownerReferences === undefined ? 1 : 0);
  return items
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .filter(({ spec }) => spec.containers.some(({ name }) => name === 'user'))
    .sort((one, other) => controlled(one) - controlled(other));
}

/** An image that was built anew under its old name changes no manifest, so nothing would roll out. */
async function deleteStalePods(run: Run, { ids }: ProvidedImages): Promise<void> {
  const stale = (await userPods(run)).filter(({ status }) =>
    status.containerStatuses?.some(({ image, imageID }) => {
      const id = ids.get(image);
      return id !== undefined && imageID.startsWith('sha256:') && imageID !== id;
    }),
  );
  if (stale.length === 0) return;
  await run.steps.step(`delete ${stale.length} Pods whose images were built anew`, () =>
    run.kubectl(['delete', 'pods', ...stale.map(({ metadata }) => metadata.name)]),
  );
}

async function applyDist(
  { kubectl, steps }: Run,
  workloads: readonly Workload[],
  { references }: ProvidedImages,
): Promise<void> {
  const renamed = [...references].filter(([image, reference]) => image !== reference);
  const apply = () => {
    if (renamed.length === 0) return kubectl(['apply', '--filename=dist']);
    const files = [
      ...new Set(workloads.map(({ file }) => readFileSync(join('dist', file), 'utf8'))),
    ];
    return kubectl(['apply', '--filename=-'], renameImages(files.join('---\n'), references));
  };
  await steps.step('kubectl apply -f dist', apply, (said) => said.replaceAll('\n', ', '));
}

/** Waits until the controller, or the Pod, is ready. */
async function untilReady({ kubectl, steps }: Run, { kind, name }: Workload): Promise<void> {
  const reference = `${kind.toLowerCase()}/${name}`;
  const limit = `--timeout=${READY_TIMEOUT / 1000}s`;
  const wait = async () => {
    if (kind === 'Pod') return kubectl(['wait', reference, '--for=condition=Ready', limit]);
    if (kind === 'Deployment' || kind === 'StatefulSet')
      return kubectl(['rollout', 'status', reference, limit]);
    const replicas = await kubectl(['get', reference, '--output=jsonpath={.spec.replicas}']);
    return kubectl([
      'wait',
      reference,
      `--for=jsonpath={.status.readyReplicas}=${replicas}`,
      limit,
    ]);
  };
  await steps.step(`${reference} ready`, async () => {
    try {
      await wait();
    } catch (error) {
      if (!(error instanceof CommandFailure)) throw error;
      const said = error.completed.stderr.trim() || error.completed.stdout.trim();
      throw new ClusterError(`${said}\n${await kubectl(['get', 'pods'])}`, { cause: error });
    }
  });
}

/** Registers a user and logs it in at one and the same Pod, for each has a database of its own. */
async function tryOut(
  run: Run,
  context: string | undefined,
  images: ProvidedImages,
): Promise<void> {
  const { cluster, namespace, steps } = run;
  const [pod] = await userPods(run);
  if (pod === undefined) throw new ClusterError('no Pod has a container user');
  const { name } = pod.metadata;
  const email = `aoho-${randomBytes(3).toString('hex')}@mail.example`;
  const password = 'secret';
  const served = { namespace, name, address: pod.status.podIP };
  await withUserClient(cluster, served, READY_TIMEOUT, async (client) => {
    const asked = async (what: string, answer: () => Promise<Answer>) => {
      await steps.step(`${what} ${email} at ${name}`, async () => {
        const { status, body } = await answer();
        if (status !== 200)
          throw new ClusterError(`200 was expected, got ${status}: ${JSON.stringify(body)}`);
      });
    };
    await asked('register', () => client.register('aoho', email, password));
    await asked('log in', () => client.login(email, password));
  });
  steps.done("The lesson's Deployment answers");
  const login = `curl --data 'email=${email}&password=${password}'`;
  const reached =
    cluster.provider === 'node'
      ? [`${login} http://${pod.status.podIP ?? ''}:${USER_PORT}/login`]
      : [
          `${access(cluster, namespace, context)} port-forward pod/${name} ${USER_PORT} &`,
          `${login} http://127.0.0.1:${USER_PORT}/login`,
        ];
  const lines = [
    ...titled('try', reached),
    ...titled('look', [`${access(cluster, namespace, context)} get pods --output=wide`]),
    ...titled('end', [
      cluster.provider === 'context'
        ? `${access(cluster, namespace, context)} delete namespace ${namespace}`
        : 'npm run cluster -- down',
    ]),
    ...titled('note', [
      'each replica has a database of its own: the other Pods do not know this user',
      ...cluster.limitations,
      ...images.notes,
    ]),
    ...titled('stand-in', [...cluster.standIns, ...images.standIns]),
  ];
  print(['', ...lines].join('\n'));
}

/** How a reader calls kubectl for what was deployed. */
function access(
  { provider, kubeconfig, kubectlPath }: Cluster,
  namespace: string,
  context = '',
): string {
  if (provider === 'kind') return 'kubectl --context=kind-user-service-kubernetes';
  if (provider === 'context') return `kubectl --context=${context} --namespace=${namespace}`;
  return `${kubectlPath} --kubeconfig=${kubeconfig}`;
}

/** Lines under a title that stands before the first. */
function titled(title: string, lines: readonly string[]): string[] {
  return lines.map((line, index) => `  ${(index === 0 ? title : '').padEnd(10)}${line}`);
}
