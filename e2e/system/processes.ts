/** Processes of Pods, killed as the kernel or a fault of the machine kills them: the nodes are of this machine. */
import { readdirSync, readFileSync } from 'node:fs';
import { ClusterError } from 'local-cluster';
import type { Pod } from '../harness/objects';

/** Sends SIGKILL to all processes of a Pod's container. @throws {ClusterError} where it has none. */
export function killContainer({ metadata, status }: Pod, container: string): void {
  const pids = processesOf(identifier(status, container));
  if (pids.length === 0)
    throw new ClusterError(`no process of ${metadata.name}'s container ${container} was found`);
  for (const pid of pids) process.kill(pid, 'SIGKILL');
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
