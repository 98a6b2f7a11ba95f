/** Removes what `up` made on this machine: by its record, and by what the kernel says belongs to a node. */
import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ClusterError } from '../cluster-error';
import type { Steps } from '../steps';
import { nodeComponents } from './components/cluster-components';
import { removeHostFolders, removeHostLeftovers } from './host-leftovers';
import type { Journal } from './journal';
import { type Node, NODES, RUN, STATE, STATE_FILE } from './layout';
import { unmountBelow } from './mounts';
import { disconnect, hasNamespace, processesInside, removeNetwork } from './network';
import { endPods, killAll } from './processes';
import { readState, type RecordedState } from './state';
import { stop, titleOf } from './supervision';
import { turnBack } from './sysctl';

/** Milliseconds. Nothing is lost by killing what is about to be removed. */
const STOP_GRACE = 1_000;

/** True when there is anything of a cluster on this machine. */
export function isThere(): boolean {
  return existsSync(STATE) || existsSync(RUN);
}

/** Removes the cluster, whole or in part; what is not there is no error. */
export async function removeCluster(steps: Steps): Promise<void> {
  const state = recordedState(steps);
  await steps.step('stop the components', async () => {
    await Promise.all(
      Object.values(state?.processes ?? {}).map((identity) => stop(identity, STOP_GRACE)),
    );
  });
  // The second leaves by way of the first.
  const nodes = NODES.toReversed();
  await steps.step('end the processes of Pods and nodes', async () => {
    for (const node of nodes) await endProcesses(node);
  });
  await steps.step('unmount', () => {
    for (const node of nodes) unmountNode(node);
    return Promise.resolve();
  });
  await steps.step('remove the network', async () => {
    for (const node of nodes) await removeNetwork(node);
  });
  await steps.step('turn kernel settings back', () => {
    turnBack(state?.settings ?? {});
    return Promise.resolve();
  });
  await steps.step('remove files', async (at) => {
    for (const node of nodes) removeHostLeftovers(node);
    removeHostFolders(state?.folders ?? []);
    unmountBelow(RUN);
    // The record goes last: an interrupted removal can be taken up again.
    const folders = [RUN, ...(await foldersOf(STATE)), STATE];
    for (const [index, folder] of folders.entries()) {
      // The images take most of the time: minutes, on a disk that others are busy with.
      at(`${folder}, ${index + 1} of ${folders.length}`);
      await rm(folder, { recursive: true, force: true });
    }
  });
}

/** All of a cluster's files but its record, by two levels: `containerd` of either node is most of them. */
async function foldersOf(folder: string, depth = 2): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const found = await Promise.all(
    entries
      .filter(({ name }) => join(folder, name) !== STATE_FILE)
      .map(async (entry) => {
        const path = join(folder, entry.name);
        return entry.isDirectory() && depth > 1
          ? [...(await foldersOf(path, depth - 1)), path]
          : [path];
      }),
  );
  return found.flat();
}

/** Removes all of a node that is not the first: its processes, its network, its images and its volumes. */
export async function removeNode(node: Node, journal: Journal): Promise<void> {
  for (const component of Object.values(nodeComponents(node))) {
    const identity = journal.process(titleOf(component));
    if (identity !== undefined) await stop(identity, STOP_GRACE);
    journal.forgetProcess(titleOf(component));
  }
  await endProcesses(node);
  unmountNode(node);
  await removeNetwork(node);
  removeHostLeftovers(node);
  unmountBelow(node.run);
  await rm(node.run, { recursive: true, force: true });
  await rm(node.state, { recursive: true, force: true });
}

/** Has the second node vanish, as a machine does that loses its power: from one moment to the next, unheard. */
export async function vanish(node: Node): Promise<void> {
  await disconnect();
  await endProcesses(node);
}

async function endProcesses(node: Node): Promise<void> {
  // Without the namespace, which a reboot ends, no Pod is this node's, and another kubelet may have come since.
  if (!hasNamespace(node)) return;
  // kubelet and containerd first, which would start Pods anew; with them go the shims of containers.
  await killAll(node.name, () => processesInside(node));
  await endPods(node);
}

function unmountNode(node: Node): void {
  unmountBelow(node.state);
  unmountBelow(node.containerdState);
}

function recordedState(steps: Steps): RecordedState | undefined {
  try {
    return readState(STATE_FILE, 'earlier');
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error;
    steps.note(`${error.message}; kernel settings stay as they are`);
    return undefined;
  }
}
