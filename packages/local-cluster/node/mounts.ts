/** What is mounted at and below a folder. */
import { readFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { ClusterError } from '../cluster-error';

/** Mount points at or below `folder`, in the order to unmount them: proc(5), /proc/PID/mountinfo. */
export function mountsBelow(folder: string, mountinfo: string): string[] {
  return mountinfo
    .split('\n')
    .map((line) => line.split(' ')[4])
    .filter((point) => point !== undefined)
    .map((point) =>
      point.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8))),
    )
    .filter((point) => point === folder || point.startsWith(`${folder}/`))
    .reverse();
}

/** @throws {ClusterError} naming the mount point that could not be unmounted. */
export function unmountBelow(folder: string): void {
  for (const point of mountsBelow(folder, readFileSync('/proc/self/mountinfo', 'utf8'))) {
    // Lazily: a process that ends while it is unmounted must not make this fail.
    const { status, stderr } = spawnSync('umount', ['--lazy', point], { encoding: 'utf8' });
    if (status !== 0) throw new ClusterError(`cannot unmount ${point}: ${stderr.trim()}`);
  }
}
