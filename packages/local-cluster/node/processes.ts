/** The processes of Pods, by the control groups that kubelet puts them into, and how processes are ended for good. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { poll } from '../poll';
import type { Node } from './layout';

const CONTROL_GROUPS = '/sys/fs/cgroup';
/** kubelet's root for Pods with the cgroupfs driver, below the node's own. */
const PODS = 'kubepods';
const TIMEOUT = 20_000;
const INTERVAL = 50;

/** The control groups of this path: one with version 2 (cgroups(7)), one for each controller with version 1. */
export function controlGroups(path: string, root = CONTROL_GROUPS): string[] {
  return hierarchies(root)
    .map((hierarchy) => join(hierarchy, path))
    .filter((group) => existsSync(group));
}

/** Where kubelet keeps the control groups of the node's Pods. */
export function podControlGroups({ controlGroup }: Node): string[] {
  return controlGroups(join(controlGroup, PODS));
}

/** Makes the control group below which kubelet is to make those of Pods; the root is always there. */
export function makeControlGroup({ controlGroup }: Node): void {
  if (controlGroup === '/') return;
  if (isVersion2(CONTROL_GROUPS)) {
    // A controller reaches a group if the group above hands it on.
    for (const controller of words(join(CONTROL_GROUPS, 'cgroup.controllers')))
      writeFileSync(join(CONTROL_GROUPS, 'cgroup.subtree_control'), `+${controller}`);
  }
  for (const hierarchy of hierarchies(CONTROL_GROUPS))
    mkdirSync(join(hierarchy, controlGroup), { recursive: true });
  giveProcessors(controlGroup, cpus().length);
}

/**
 * Has a group weigh as much as kubelet lets the Pods of a machine with so many processors weigh (ResourceConfigForPod
 * and CPUSharesToCPUWeight of k8s.io/kubernetes/pkg/kubelet/cm): those of two nodes on one machine get equal parts.
 */
export function giveProcessors(path: string, processors: number, root = CONTROL_GROUPS): void {
  const shares = processors * 1024;
  for (const group of controlGroups(path, root)) {
    const [file, value] = isVersion2(root)
      ? ['cpu.weight', 1 + Math.floor(((shares - 2) * 9999) / 262_142)]
      : ['cpu.shares', shares];
    if (existsSync(join(group, file))) writeFileSync(join(group, file), `${value}`);
  }
}

/** Ends the processes of the node's Pods, and removes the control groups that {@link makeControlGroup} and kubelet made. */
export async function endPods(node: Node): Promise<void> {
  await killAll('Pods', () => podControlGroups(node).flatMap(members));
  const { controlGroup } = node;
  const own = controlGroup === '/' ? PODS : controlGroup;
  // The kernel may hold on to a group for a moment after its last process.
  await poll(
    { what: 'the control groups of Pods to go', timeout: TIMEOUT, interval: INTERVAL },
    () => {
      try {
        for (const group of controlGroups(own)) remove(group);
        return Promise.resolve({ found: true });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EBUSY') throw error;
        return Promise.resolve({ lastSeen: (error as Error).message });
      }
    },
  );
}

/**
 * Kills processes until none is listed: they may beget others meanwhile.
 *
 * @param whose as the object of "the processes of": `Pods`.
 */
export async function killAll(whose: string, list: () => readonly number[]): Promise<void> {
  const what = `the processes of ${whose} to end`;
  await poll({ what, timeout: TIMEOUT, interval: INTERVAL }, () => {
    const pids = [...new Set(list())];
    for (const pid of pids) kill(pid);
    return Promise.resolve(
      pids.length === 0 ? { found: true } : { lastSeen: `processes ${pids.join(', ')}` },
    );
  });
}

/** Where the control groups begin: once with version 2, for each controller with version 1. */
function hierarchies(root: string): string[] {
  return isVersion2(root) ? [root] : children(root);
}

function isVersion2(root: string): boolean {
  return existsSync(join(root, 'cgroup.controllers'));
}

function words(file: string): string[] {
  return readFileSync(file, 'utf8').trim().split(/\s+/).filter(Boolean);
}

function members(group: string): number[] {
  return [...words(join(group, 'cgroup.procs')).map(Number), ...children(group).flatMap(members)];
}

function remove(group: string): void {
  for (const child of children(group)) remove(child);
  rmdirSync(group);
}

function children(group: string): string[] {
  return readdirSync(group, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(group, name));
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
