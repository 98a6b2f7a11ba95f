/** Brings the node up: each part that is there is left alone, each that is missing or broken is made. */
import { mkdirSync } from 'node:fs';
import { kubectl, type Kubectl } from '../kubectl';
import { ClusterError } from '../cluster-error';
import type { Steps } from '../steps';
import { poll } from '../poll';
import { componentObjects, nodeComponents, type ProgramFolders } from './components';
import { makeCredentials } from './credentials';
import { recordHostFolders } from './host-leftovers';
import { buildPrograms, COREDNS, KUBERNETES, LOCAL_PATH_PROVISIONER } from '../go-programs';
import { hasImage, importImage } from './containerd';
import { Journal } from './journal';
import { NODE_NAME, VOLUMES } from './layout';
import { hasNamespace, makeNetwork } from './network';
import { buildNodeImages, type NodeImage } from './node-images';
import { ensurePrograms, NODE_PROGRAMS } from '../packages';
import { podControlGroups } from './processes';
import { expectKubeletSettings, raise, recordKubeletSettings } from './sysctl';
import { ensureRunning, logTail, type Component } from './supervision';

/** One process for every container and more: kubelet, containerd and CoreDNS each hold several. */
const INOTIFY_INSTANCES = 8192;
const NODE_READY_TIMEOUT = 90_000;

export interface Programs extends ProgramFolders {
  readonly images: readonly NodeImage[];
}

/** Gets every program that the node consists of: Debian's packages, and what is built from source. */
export async function getPrograms(steps: Steps): Promise<Programs> {
  const installed = await ensurePrograms(NODE_PROGRAMS, steps);
  if (installed.length > 0) steps.note('down leaves packages where they are');
  return {
    kubernetes: await buildPrograms(KUBERNETES, steps),
    coredns: await buildPrograms(COREDNS, steps),
    provisioner: await buildPrograms(LOCAL_PATH_PROVISIONER, steps),
    images: await buildNodeImages(steps),
  };
}

/** @throws {ClusterError} naming the component that failed, with the tail of its log. */
export async function startNode(programs: Programs, tool: Kubectl, steps: Steps): Promise<void> {
  ensureNoOtherKubelet();
  const journal = new Journal();
  recordHostFolders(journal);
  const ensure = (component: Component): Promise<void> =>
    steps
      .step(
        component.name,
        () => ensureRunning(component, journal),
        (outcome) => outcome,
      )
      .then(() => undefined);

  await Promise.all([
    steps.step('credentials', makeCredentials),
    steps.step('network', () => makeNetwork(journal)),
  ]);
  raise('fs/inotify/max_user_instances', INOTIFY_INSTANCES, journal);
  mkdirSync(VOLUMES, { recursive: true, mode: 0o711 });

  const components = nodeComponents(programs);
  const runtime = ensure(components.containerd).then(() =>
    steps.step("the node's own images", () => importMissing(programs.images)),
  );
  const api = ensure(components.etcd).then(() => ensure(components.apiServer));
  // Neither may fail unheard while the other is still waited for.
  await settle([runtime, api]);

  expectKubeletSettings(journal);
  await settle([
    ensure(components.kubelet),
    ensure(components.kubeProxy),
    ensure(components.controllerManager),
    ensure(components.scheduler),
    steps
      .step('roles and StorageClass', () => applyObjects(tool))
      .then(() => settle([ensure(components.coredns), ensure(components.provisioner)])),
  ]);
  recordKubeletSettings(journal);
  await steps.step('node ready', () => nodeReady(tool));
}

/** Waits for all, then throws the first error: nothing goes on in the background after a failure. */
async function settle(work: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

/** Two kubelets would fight over the same control groups. */
function ensureNoOtherKubelet(): void {
  const groups = podControlGroups();
  if (groups.length > 0 && !hasNamespace()) {
    throw new ClusterError(
      `another kubelet seems to run on this machine (${groups[0] ?? ''} exists); ` +
        'stop it, or name its cluster with --context',
    );
  }
}

async function importMissing(images: readonly NodeImage[]): Promise<void> {
  for (const { name, archive } of images) {
    if (!(await hasImage(name))) await importImage(archive, name);
  }
}

async function applyObjects(tool: Kubectl): Promise<void> {
  const input = JSON.stringify(componentObjects());
  await kubectl(tool, ['apply', '--server-side', '--force-conflicts', '--filename=-'], { input });
}

/** Ready as Pods see it: the node takes them, and the ServiceAccount that each of them needs is there. */
async function nodeReady(tool: Kubectl): Promise<void> {
  const conditions = '{range .status.conditions[*]}{.type}={.status} {.message}{"\\n"}{end}';
  const what = `node ${NODE_NAME} to be Ready`;
  await poll({ what, timeout: NODE_READY_TIMEOUT, interval: 200 }, async () => {
    const args = [
      'get',
      'node',
      NODE_NAME,
      '--ignore-not-found',
      `--output=jsonpath=${conditions}`,
    ];
    const { stdout } = await kubectl(tool, args);
    const ready = stdout.split('\n').find((line) => line.startsWith('Ready='));
    return ready?.startsWith('Ready=True') === true
      ? { found: true }
      : { lastSeen: ready ?? 'no such node' };
  }).catch((error: unknown) => {
    if (!(error instanceof ClusterError)) throw error;
    throw new ClusterError(`${error.message}\n${logTail('kubelet')}`, { cause: error });
  });
  await poll(
    { what: 'the default ServiceAccount', timeout: NODE_READY_TIMEOUT, interval: 200 },
    async () => {
      const args = [
        'get',
        'serviceaccount',
        'default',
        '--namespace=default',
        '--ignore-not-found',
        '--output=name',
      ];
      const { stdout } = await kubectl(tool, args);
      return stdout.trim() === '' ? { lastSeen: 'none' } : { found: true };
    },
  );
}
