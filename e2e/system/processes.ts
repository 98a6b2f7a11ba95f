/** Processes of Pods, killed as the kernel or a fault of the machine kills them: the nodes are of this machine. */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as passing } from 'node:timers/promises';
import { ClusterError } from 'local-cluster';
import type { Pod } from '../harness/objects';

/** Sends SIGKILL to all processes of a Pod's container. @throws {ClusterError} where it has none. */
export function killContainer({ metadata, status }: Pod, container: string): void {
  const pids = processesOf(identifier(status, container));
  if (pids.length === 0)
    throw new ClusterError(`no process of ${metadata.name}'s container ${container} was found`);
  for (const pid of pids) process.kill(pid, 'SIGKILL');
}

/**
 * Kills the service's process of each Pod that is chosen `after` milliseconds of being ready, whenever it gets ready,
 * until `end`: as an image would do that crashes.
 *
 * @returns when it did, in milliseconds since 1970.
 */
export async function killWhenReady(
  pods: () => Promise<readonly Pod[]>,
  chosen: (pod: Pod) => boolean,
  after: number,
  end: number,
): Promise<readonly number[]> {
  const kills: number[] = [];
  const ready = new Map<string, number>();
  while (Date.now() < end) {
    for (const pod of (await pods()).filter(chosen)) {
      const [status] = pod.status.containerStatuses ?? [];
      if (status?.ready !== true || status.containerID === undefined) continue;
      const since = ready.get(status.containerID) ?? Date.now();
      ready.set(status.containerID, since);
      if (Date.now() < since + after) continue;
      ready.set(status.containerID, Infinity);
      killContainer(pod, 'user');
      kills.push(Date.now());
    }
    await passing(300);
  }
  return kills;
}

function identifier({ containerStatuses = [] }: Pod['status'], container: string): string {
  const { containerID = '' } = containerStatuses.find(({ name }) => name === container) ?? {};
  return containerID.replace('containerd://', '');
}

/** A container's control group ends with its identifier. */
function processesOf(container: string): number[] {
  if (container === '') return [];
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes(container);
      } catch {
        return false; // it has ended since
      }
    })
    .map(Number);
}

/** The file systems that a container sees, as the kernel says (proc_pid_mountinfo(5)). */
export function mountsOf(
  { metadata, status }: Pod,
  container: string,
): readonly { readonly path: string; readonly readOnly: boolean }[] {
  const [pid] = processesOf(identifier(status, container));
  if (pid === undefined)
    throw new ClusterError(`no process of ${metadata.name}'s container ${container} was found`);
  return readFileSync(`/proc/${pid}/mountinfo`, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.split(' '))
    .map(([, , , , path = '', options = '']) => ({
      path,
      readOnly: options.split(',').includes('ro'),
    }));
}
