/** Removes what `up` made on this machine: by its record, and by what the kernel says belongs to the node. */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ClusterError } from '../cluster-error';
import type { Steps } from '../steps';
import { removeHostLeftovers } from './host-leftovers';
import { CONTAINERD_STATE, RUN, STATE, STATE_FILE } from './layout';
import { unmountBelow } from './mounts';
import { hasNamespace, processesInside, removeNetwork } from './network';
import { killAll, podProcesses, removePodControlGroups } from './processes';
import { turnBack } from './sysctl';
import { readState, type NodeState } from './state';
import { stop } from './supervision';

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
  // Without the namespace, which a reboot ends, no Pod is this node's, and another kubelet may have come since.
  if (hasNamespace()) {
    await steps.step('end the processes of Pods', async () => {
      await killAll('Pods', podProcesses);
      await removePodControlGroups();
    });
  }
  // Shims of containers, and components that were started but not recorded.
  await steps.step('end what is left in the network namespace', () =>
    killAll('the network namespace', processesInside),
  );
  await steps.step('unmount', () => {
    unmountBelow(STATE);
    unmountBelow(CONTAINERD_STATE);
    return Promise.resolve();
  });
  await steps.step('remove the network', removeNetwork);
  await steps.step('turn kernel settings back', () => {
    turnBack(state?.settings ?? {});
    return Promise.resolve();
  });
  await steps.step('remove files', () => {
    removeHostLeftovers(state?.folders ?? []);
    unmountBelow(RUN);
    rmSync(RUN, { recursive: true, force: true });
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
    if (!(error instanceof ClusterError)) throw error;
    steps.note(`${error.message}; kernel settings stay as they are`);
    return undefined;
  }
}
