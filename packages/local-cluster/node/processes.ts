/** The processes of Pods, by the control groups that kubelet puts them into, and how processes are ended for good. */
import { existsSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { poll } from '../poll';

const CONTROL_GROUPS = '/sys/fs/cgroup';
/** kubelet's root for Pods with the cgroupfs driver. */
const PODS = 'kubepods';
const TIMEOUT = 20_000;
const INTERVAL = 50;

/** kubelet's control groups: one with version 2, one for each controller with version 1. */
export function podControlGroups(root = CONTROL_GROUPS): string[] {
  const controllers = readdirSync(root, { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  return [join(root, PODS), ...controllers.map(({ name }) => join(root, name, PODS))].filter(
    (path) => existsSync(path),
  );
}

/** Ids of the processes of every Pod. */
export function podProcesses(): number[] {
  return podControlGroups().flatMap(members);
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

/** Removes the control groups of Pods, whose processes have ended. */
export async function removePodControlGroups(): Promise<void> {
  // The kernel may hold on to a group for a moment after its last process.
  await poll(
    { what: 'the control groups of Pods to go', timeout: TIMEOUT, interval: INTERVAL },
    () => {
      try {
        for (const group of podControlGroups()) remove(group);
        return Promise.resolve({ found: true });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EBUSY') throw error;
        return Promise.resolve({ lastSeen: (error as Error).message });
      }
    },
  );
}

function members(group: string): number[] {
  const own = readFileSync(join(group, 'cgroup.procs'), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map(Number);
  return [...own, ...children(group).flatMap(members)];
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
