/** Removes what `up` made on this machine: by its record, and by what the kernel says belongs to the node. */
import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ClusterRefusal } from '../refusal';
import type { Steps } from '../steps';
import { until } from '../until';
import { RUN, STATE, STATE_FILE } from './layout';
import { unmountBelow } from './mounts';
import { processesInside, removeNetwork } from './network';
import { removePods } from './pods';
import { turnBack } from './settings';
import { readState, type NodeState } from './state';
import { stop } from './supervision';
import { CONTAINERD_STATE, POD_NETWORK } from './worker';

const SHIM_TASKS = join(CONTAINERD_STATE, 'io.containerd.runtime.v2.task', 'k8s.io');
/** Where CNI keeps the result of each attachment: cacheDir of github.com/containernetworking/cni/libcni. */
const CNI_RESULTS = '/var/lib/cni/results';
/** Folders outside of the node's own that its programs make: removed again if they were not there before. */
export const FOREIGN_FOLDERS = [
  '/run/containerd',
  '/run/containerd/s',
  '/run/runc',
  '/var/lib/cni',
  CNI_RESULTS,
  '/var/lib/kubelet',
  '/var/lib/kubelet/device-plugins',
  '/var/log/containers',
];

/** Milliseconds. Nothing is lost by killing what is about to be removed. */
const STOP_GRACE = 1_000;

/** True when there is anything of a node on this machine. */
export function isThere(): boolean {
  return existsSync(STATE) || existsSync(RUN);
}

/** Removes the node, whole or in part; what is not there is no error. */
export async function removeNode(steps: Steps): Promise<void> {
  const state = recordedState(steps);
  await steps.step('stop the components', async () => {
    await Promise.all(
      Object.values(state?.processes ?? {}).map((identity) => stop(identity, STOP_GRACE)),
    );
  });
  await steps.step('end the processes of Pods', removePods);
  await steps.step('end what is left in the network namespace', endProcessesInside);
  await steps.step('unmount', () => {
    unmountBelow(STATE);
    removeShimSockets();
    unmountBelow(join(RUN, 'containerd'));
    return Promise.resolve();
  });
  await steps.step('remove the network', removeNetwork);
  await steps.step('turn kernel settings back', () => {
    turnBack(state?.settings ?? {});
    return Promise.resolve();
  });
  await steps.step('remove files', () => {
    removeNetworkResults();
    unmountBelow(RUN);
    rmSync(RUN, { recursive: true, force: true });
    removeFolders(state?.folders ?? []);
    // The record goes last: an interrupted removal can be taken up again.
    for (const entry of existsSync(STATE) ? readdirSync(STATE) : []) {
      if (join(STATE, entry) !== STATE_FILE)
        rmSync(join(STATE, entry), { recursive: true, force: true });
    }
    rmSync(STATE, { recursive: true, force: true });
    return Promise.resolve();
  });
}

function recordedState(steps: Steps): NodeState | undefined {
  try {
    return readState(STATE_FILE);
  } catch (error) {
    if (!(error instanceof ClusterRefusal)) throw error;
    steps.note(`${error.message}; kernel settings stay as they are`);
    return undefined;
  }
}

/** Shims of containers, and components that were started but not recorded. */
async function endProcessesInside(): Promise<void> {
  await until(
    { what: 'the processes in the network namespace to end', deadline: 20_000, interval: 50 },
    () => {
      const pids = processesInside();
      for (const pid of pids) {
        try {
          process.kill(pid, 'SIGKILL');
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
        }
      }
      return Promise.resolve(
        pids.length === 0 ? { found: true } : { seen: `processes ${pids.join(', ')}` },
      );
    },
  );
}

/** A shim listens in /run/containerd/s, whatever the state folder; its task's folder says where exactly. */
function removeShimSockets(): void {
  if (!existsSync(SHIM_TASKS)) return;
  for (const task of readdirSync(SHIM_TASKS)) {
    const address = join(SHIM_TASKS, task, 'address');
    if (!existsSync(address)) continue;
    const socket = readFileSync(address, 'utf8')
      .trim()
      .replace(/^unix:\/\//, '');
    if (socket.startsWith('/run/containerd/s/')) rmSync(socket, { force: true });
  }
}

function removeNetworkResults(): void {
  if (!existsSync(CNI_RESULTS)) return;
  for (const file of readdirSync(CNI_RESULTS)) {
    if (file.startsWith(`${POD_NETWORK}-`)) rmSync(join(CNI_RESULTS, file), { force: true });
  }
}

/** The deepest first; one that others have put something into since stays. */
function removeFolders(folders: readonly string[]): void {
  for (const folder of [...folders].sort().reverse()) {
    if (existsSync(folder) && readdirSync(folder).length === 0) rmdirSync(folder);
  }
}
