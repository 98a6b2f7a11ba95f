/** Brings the cluster up: each part that is there is left alone, each that is missing or broken is made. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClusterError } from '../cluster-error';
import {
  buildPrograms,
  COREDNS,
  KUBE_ROUTER,
  KUBERNETES,
  LOCAL_PATH_PROVISIONER,
  METRICS_SERVER,
  NODE_IMAGES,
} from '../go-programs';
import { ensurePrograms, NODE_PROGRAMS } from '../packages';
import type { Steps } from '../steps';
import { buildAddons } from './addons/install';
import { apply } from './api';
import { componentObjects, controlPlane, nodeComponents } from './components/cluster-components';
import { exportImages, imageNames, importImages } from './components/containerd';
import { COREDNS_DEPLOYMENT, corednsObjects } from './components/coredns';
import { METRICS_API } from './components/metrics-server';
import { makeCredentials } from './credentials';
import { recordHostFolders } from './host-leftovers';
import type { Journal } from './journal';
import { FIRST_NODE, type Node, type NodeCount, NODES } from './layout';
import { hasNamespace, makeNetwork } from './network';
import { makeControlGroup, podControlGroups } from './processes';
import { buildImage, type ProgramImage } from './program-images';
import { expectKubeletSettings, raise, recordKubeletSettings } from './sysctl';
import { untilDeployed, untilNodeReady, untilServed } from './readiness';
import { ensureRunning, type Component, type Outcome } from './supervision';

/** One process for every container and more: kubelet, containerd and CoreDNS each hold several. */
const INOTIFY_INSTANCES = 8192;

/**
 * Gets every program that the cluster consists of: Debian's packages, and what is built from source.
 *
 * @returns the images of its own Pods.
 */
export async function getPrograms(
  addons: readonly string[],
  steps: Steps,
): Promise<readonly ProgramImage[]> {
  const installed = await ensurePrograms(NODE_PROGRAMS, steps);
  if (installed.length > 0) steps.note('down leaves packages where they are');
  for (const module of [KUBERNETES, LOCAL_PATH_PROVISIONER, KUBE_ROUTER, METRICS_SERVER])
    await buildPrograms(module, steps);
  return [
    await buildImage(COREDNS, 'coredns', steps),
    await buildImage(NODE_IMAGES, 'pause', steps),
    await buildImage(NODE_IMAGES, 'volume', steps),
    ...(await buildAddons(addons, steps)),
  ];
}

/** @throws {ClusterError} naming the component that failed, with the tail of its log. */
export async function bringUp(
  nodes: NodeCount,
  images: readonly ProgramImage[],
  journal: Journal,
  steps: Steps,
): Promise<void> {
  ensureNoOtherKubelet();
  recordHostFolders(journal);
  await Promise.all([
    steps.step('credentials', makeCredentials),
    steps.step('network', () => makeNetwork(FIRST_NODE, journal)),
  ]);
  raise('fs/inotify/max_user_instances', INOTIFY_INSTANCES, journal);

  // Recorded before the node is: a node that is half there is taken back with the rest.
  const before = journal.nodes;
  if (nodes > before) journal.recordNodes(nodes);
  const others = NODES.slice(1, nodes);

  const ensure = ensurer(journal, steps);
  const { etcd, apiServer, controllerManager, scheduler, provisioner, metricsServer } =
    controlPlane();
  const api = ensure(etcd).then(() => ensure(apiServer));
  // Neither may fail unheard while the other is still waited for.
  await settle([
    api,
    ...[FIRST_NODE, ...others].map((node) => prepareNode(node, images, journal, steps)),
  ]);

  expectKubeletSettings(journal);
  await settle([
    ensure(controllerManager),
    ensure(scheduler),
    startNode(FIRST_NODE, journal, steps),
    ...others.map((node) => admitNode(node, journal, steps)),
    steps
      .step('roles, DNS and StorageClass', () => applyAll(componentObjects(before)))
      .then(() =>
        settle([
          ensure(provisioner),
          ensure(metricsServer).then(() =>
            steps.step('metrics served', () => untilServed(METRICS_API)),
          ),
          steps.step('DNS served', () => untilDeployed(COREDNS_DEPLOYMENT)),
        ]),
      ),
  ]);
  recordKubeletSettings(journal);
  if (nodes > before) {
    // Not earlier: scheduled before the other node was there, all of its Pods would be on the first.
    await steps.step('DNS served on each node', async () => {
      await applyAll(corednsObjects(nodes));
      await untilDeployed(COREDNS_DEPLOYMENT);
    });
  }
}

/** Makes a node that the control plane is there for, or what is missing of it. */
export async function joinNode(
  node: Node,
  images: readonly ProgramImage[],
  journal: Journal,
  steps: Steps,
): Promise<void> {
  await prepareNode(node, images, journal, steps);
  await admitNode(node, journal, steps);
}

/** Makes the node's network, and starts its runtime with the images that the cluster's own Pods need. */
async function prepareNode(
  node: Node,
  images: readonly ProgramImage[],
  journal: Journal,
  steps: Steps,
): Promise<void> {
  if (node !== FIRST_NODE)
    await steps.step(`network${ofNode(node)}`, () => makeNetwork(node, journal));
  mkdirSync(node.volumes, { recursive: true, mode: 0o711 });
  makeControlGroup(node);
  await ensurer(journal, steps)(nodeComponents(node).containerd);
  await steps.step(`own images${ofNode(node)}`, () => provideImages(node, images));
}

/** Imports those of the images that the node has not. */
export async function provideImages(node: Node, images: readonly ProgramImage[]): Promise<void> {
  const there = await imageNames(node);
  for (const { name, archive } of images)
    if (!there.includes(name)) await importImages(node, archive, [name]);
}

/** Has a prepared node, which is not the first, take Pods like the first. */
async function admitNode(node: Node, journal: Journal, steps: Steps): Promise<void> {
  await steps.step(`images${ofNode(node)}`, () => copyImages(FIRST_NODE, node));
  await startNode(node, journal, steps);
}

/** Starts what makes a machine with a runtime a node, and waits until it takes Pods. */
async function startNode(node: Node, journal: Journal, steps: Steps): Promise<void> {
  const ensure = ensurer(journal, steps);
  const { kubelet, kubeProxy, kubeRouter } = nodeComponents(node);
  const begun = Date.now();
  await settle([
    ensure(kubelet).then((outcome) =>
      steps.step(`node ready${ofNode(node)}`, () =>
        untilNodeReady(node, outcome === 'already ran' ? 0 : begun),
      ),
    ),
    ensure(kubeProxy),
    ensure(kubeRouter),
  ]);
}

function ofNode(node: Node): string {
  return node === FIRST_NODE ? '' : ` of ${node.name}`;
}

function ensurer(journal: Journal, steps: Steps): (component: Component) => Promise<Outcome> {
  return (component) => {
    const ensured = () => ensureRunning(component, journal);
    return steps.step(`${component.name}${ofNode(component.node)}`, ensured, (outcome) => outcome);
  };
}

/** Waits for all, then throws the first error: nothing goes on in the background after a failure. */
export async function settle(work: readonly Promise<unknown>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

/** Two kubelets would fight over the same control groups. */
function ensureNoOtherKubelet(): void {
  const groups = podControlGroups(FIRST_NODE);
  if (groups.length > 0 && !hasNamespace(FIRST_NODE)) {
    throw new ClusterError(
      `another kubelet seems to run on this machine (${groups[0] ?? ''} exists); ` +
        'stop it, or name its cluster with --context',
    );
  }
}

async function applyAll(objects: readonly object[]): Promise<void> {
  for (const object of objects) await apply(object);
}

/** Gives a node the images that another has and it has not: those that were loaded before it came. */
async function copyImages(from: Node, to: Node): Promise<void> {
  const there = await imageNames(to);
  const missing = (await imageNames(from)).filter((name) => !there.includes(name));
  if (missing.length === 0) return;
  const folder = mkdtempSync(join(tmpdir(), 'images-'));
  try {
    const archive = join(folder, 'images.tar');
    await exportImages(from, archive, missing);
    await importImages(to, archive, missing);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
