/** The processes of Pods, by the control groups that kubelet puts them into: the kernel's own record. */
import { existsSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../until';

const CONTROL_GROUPS = '/sys/fs/cgroup';
/** kubelet's root for Pods with the cgroupfs driver. */
const PODS = 'kubepods';
const DEADLINE = 20_000;

/** kubelet's control groups: one with version 2, one for each controller with version 1. */
export function podControlGroups(root = CONTROL_GROUPS): string[] {
  const controllers = readdirSync(root, { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  return [join(root, PODS), ...controllers.map(({ name }) => join(root, name, PODS))].filter(
    (path) => existsSync(path),
  );
}

/** Ends every process of every Pod, and removes the control groups. */
export async function removePods(): Promise<void> {
  await until({ what: 'the processes of Pods to end', deadline: DEADLINE, interval: 50 }, () => {
    const pids = new Set(podControlGroups().flatMap(members));
    for (const pid of pids) kill(pid);
    return Promise.resolve(
      pids.size === 0 ? { found: true } : { seen: `processes ${[...pids].join(', ')}` },
    );
  });
  // The kernel may hold on to a group for a moment after its last process.
  await until(
    { what: 'the control groups of Pods to go', deadline: DEADLINE, interval: 50 },
    () => {
      try {
        for (const group of podControlGroups()) remove(group);
        return Promise.resolve({ found: true });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EBUSY') throw error;
        return Promise.resolve({ seen: (error as Error).message });
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
