/** Which process a recorded id means: an id alone may be another process by now. */
import { readFileSync } from 'node:fs';
import { ClusterError } from './cluster-error';

export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks between boot and the process's start: field 22 of /proc/PID/stat, proc(5). */
  readonly startTime: string;
  /** /proc/sys/kernel/random/boot_id: start times of another boot mean nothing. */
  readonly bootId: string;
}

interface Stat {
  readonly state: string;
  readonly startTime: string;
}

/** Reads the fields that matter from the text of /proc/PID/stat; undefined when it is not such a text. */
export function parseStat(text: string): Stat | undefined {
  // The second field is the program's name in parentheses, which may itself hold spaces and parentheses.
  const fields = text
    .slice(text.lastIndexOf(')') + 1)
    .trim()
    .split(/\s+/);
  const [state, startTime] = [fields[0], fields[19]];
  if (
    !text.includes(')') ||
    state === undefined ||
    startTime === undefined ||
    !/^\d+$/.test(startTime)
  ) {
    return undefined;
  }
  return { state, startTime };
}

/** The identity of a process that runs now; undefined when there is none, or only its zombie. */
export function identify(pid: number): ProcessIdentity | undefined {
  const stat = readStat(pid);
  return stat && { pid, startTime: stat.startTime, bootId: bootId() };
}

/** True while the very process that was recorded runs. */
export function isRunning(identity: ProcessIdentity): boolean {
  return identity.bootId === bootId() && readStat(identity.pid)?.startTime === identity.startTime;
}

/**
 * Sends a signal to the very process that was recorded.
 *
 * @returns false when it no longer runs; nothing has been signalled then.
 */
export function signal(identity: ProcessIdentity, name: 'SIGTERM' | 'SIGKILL'): boolean {
  if (!isRunning(identity)) return false;
  try {
    process.kill(identity.pid, name);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

let boot: string | undefined;

/** This boot's id. */
export function bootId(): string {
  boot ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return boot;
}

/** The identity of this very process. */
export function ownIdentity(): ProcessIdentity {
  const identity = identify(process.pid);
  if (identity === undefined)
    throw new ClusterError('/proc does not show this process; mount proc on /proc');
  return identity;
}

function readStat(pid: number): Stat | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  const stat = parseStat(text);
  // A zombie has ended; X is a process on its way out. Neither serves or holds anything.
  return stat === undefined || 'ZX'.includes(stat.state) ? undefined : stat;
}
