/** Kernel settings of the machine (sysctl), changed on the record and turned back. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Journal } from './journal';
import type { RecordedSetting } from './state';

/** Settings that kubelet changes by itself as it starts (setupKernelTunables in pkg/kubelet/cm). */
const KUBELET_SETTINGS = [
  'kernel/keys/root_maxbytes',
  'kernel/keys/root_maxkeys',
  'kernel/panic',
  'kernel/panic_on_oops',
  'vm/overcommit_memory',
  'vm/panic_on_oom',
];

/** Sets a value, recorded before it is set. A value that is already there is not ours to turn back. */
export function change(path: string, value: string, journal: Journal): void {
  const before = read(path);
  if (before === value) return;
  if (before !== undefined && journal.setting(path) === undefined) {
    journal.recordSetting(path, { before, after: value });
  }
  writeFileSync(file(path), value);
}

/** Raises a number to at least `minimum`. */
export function raise(path: string, minimum: number, journal: Journal): void {
  if (Number(read(path)) < minimum) change(path, String(minimum), journal);
}

/** Notes the values that kubelet is about to change. To be called before it starts. */
export function expectKubeletSettings(journal: Journal): void {
  for (const path of KUBELET_SETTINGS) {
    const before = read(path);
    if (before !== undefined && journal.setting(path) === undefined) {
      journal.recordSetting(path, { before, after: before });
    }
  }
}

/** Notes what kubelet has made of them. To be called once it runs. */
export function recordKubeletSettings(journal: Journal): void {
  for (const path of KUBELET_SETTINGS) {
    const [recorded, after] = [journal.setting(path), read(path)];
    if (recorded !== undefined && after !== undefined && after !== recorded.after) {
      journal.recordSetting(path, { ...recorded, after });
    }
  }
}

/**
 * Turns back every setting that still has the node's value: one that someone else has set since is theirs. So is
 * forwarding on any interface, once the machine as a whole forwards.
 */
export function turnBack(settings: Readonly<Record<string, RecordedSetting>>): void {
  const forwards = read('net/ipv4/ip_forward') === '1';
  for (const [path, { before, after }] of Object.entries(settings)) {
    if (path.endsWith('/forwarding') && forwards) continue;
    if (before !== after && read(path) === after) writeFileSync(file(path), before);
  }
}

function file(path: string): string {
  return join('/proc/sys', path);
}

function read(path: string): string | undefined {
  return existsSync(file(path)) ? readFileSync(file(path), 'utf8').trim() : undefined;
}
