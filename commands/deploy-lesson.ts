/** The lesson's manifests on a cluster: deployed, waited for, and tried out. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Cluster,
  ClusterError,
  type ClusterOptions,
  CommandFailure,
  type Steps,
} from 'local-cluster';
import { type ProvidedImages, provideImages } from './provide-images';
import { type Answer, USER_PORT, type UserClient, withUserClient } from '../services/user-client';
import { readWorkloads, renameImages, type Workload } from './manifests';

/** Of a named context, where others work as well; a cluster that is ours has the lesson's own `default`. */
const NAMESPACE = 'user-service';
const LABEL = 'user-service-kubernetes/start';
/** Milliseconds for a workload's Pods to get ready: three MariaDBs on two cores take some. */
const READY_TIMEOUT = 5 * 60_000;

interface Run {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly steps: Steps;
  readonly signal: AbortSignal;
  /** @returns what kubectl wrote in the namespace. */
  readonly kubectl: (args: readonly string[], input?: string) => Promise<string>;
}

/**
 * Builds the images, applies `dist`, waits, and registers and logs in a user at one Pod.
 *
 * @param signal stops before the next call of the cluster, once it is aborted.
 * @returns how to try it, to look at it and to end it, and what stands in for what: some lines.
 * @throws {ClusterError} saying what does not get ready or does not answer.
 */
export async function deployLesson(
  cluster: Cluster,
  { context, registry }: Pick<ClusterOptions, 'context' | 'registry'>,
  steps: Steps,
  signal: AbortSignal,
): Promise<string> {
  const workloads = readWorkloads('dist').filter(({ environment }) => environment === '');
  const names = new Set(workloads.flatMap(({ images }) => [...images.values()]));
  const images = await provideImages([...names], cluster, registry, steps);
  const namespace = await ensureNamespace(cluster);
  const run: Run = {
    cluster,
    namespace,
    steps,
    signal,
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
  const user = await tryOut(run);
  return instructions(run, user, images, context);
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

interface User {
  readonly pod: string;
  readonly address: string | undefined;
  readonly email: string;
  readonly password: string;
}

/** Registers a user and logs it in at one and the same Pod, for each has a database of its own. */
async function tryOut(run: Run): Promise<User> {
  const { cluster, namespace, steps, signal } = run;
  const [pod] = await userPods(run);
  if (pod === undefined) throw new ClusterError('no Pod has a container user');
  const { name } = pod.metadata;
  const { podIP: address } = pod.status;
  const email = `aoho-${randomBytes(3).toString('hex')}@mail.example`;
  const password = 'secret';
  const served = { namespace, name, address };
  const use = async (client: UserClient) => {
    const ask = (what: string, request: () => Promise<Answer>) =>
      steps.step(
        `${what} at ${name}`,
        async () => {
          const answer = await request();
          if (answer.status === 200) return JSON.stringify(answer.body);
          throw new ClusterError(
            `200 was expected, got ${answer.status}: ${JSON.stringify(answer.body)}`,
          );
        },
        (body) => body,
      );
    await ask('register', () => client.register('aoho', email, password));
    await ask('log in', () => client.login(email, password));
  };
  await withUserClient(cluster, served, READY_TIMEOUT, use, signal);
  steps.done("The lesson's Deployment answers");
  return { pod: name, address, email, password };
}

function instructions(
  { cluster, namespace }: Run,
  { pod, address, email, password }: User,
  { notes, standIns }: ProvidedImages,
  context: string | undefined,
): string {
  const kubectl = kubectlCommand(cluster, namespace, context);
  const log = (host: string) =>
    `curl --data 'email=${email}&password=${password}' http://${host}:${USER_PORT}/login`;
  const lines: readonly (readonly [title: string, lines: readonly string[]])[] = [
    [
      'try',
      cluster.provider === 'node'
        ? [log(address ?? '')]
        : [`${kubectl} port-forward pod/${pod} ${USER_PORT} &`, log('127.0.0.1')],
    ],
    ['look', [`${kubectl} get pods --output=wide`]],
    [
      'end',
      [
        cluster.provider === 'context'
          ? `${kubectl} delete namespace ${namespace}`
          : 'npm run cluster -- down',
      ],
    ],
    [
      'note',
      [
        'each replica has a database of its own: the other Pods do not know this user',
        ...cluster.limitations,
        ...notes,
      ],
    ],
    ['stand-in', [...cluster.standIns, ...standIns]],
  ];
  return [
    '',
    ...lines.flatMap(([title, texts]) =>
      texts.map((text, index) => `  ${(index === 0 ? title : '').padEnd(10)}${text}`),
    ),
  ].join('\n');
}

/** How a reader calls kubectl for what was deployed. */
function kubectlCommand(
  { provider, kubeconfig, kubectlPath }: Cluster,
  namespace: string,
  context = '',
): string {
  if (provider === 'kind') return 'kubectl --context=kind-user-service-kubernetes';
  if (provider === 'context') return `kubectl --context=${context} --namespace=${namespace}`;
  return `${kubectlPath} --kubeconfig=${kubeconfig}`;
}
