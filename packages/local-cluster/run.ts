/** Runs other programs, and keeps what they wrote for the error that they may end in. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { ClusterError } from './cluster-error';

export interface RunOptions {
  /** Written to the program's standard input. @default the program reads an empty input */
  readonly input?: string;
  /** @default this process's environment */
  readonly env?: NodeJS.ProcessEnv;
  /** @default this process's folder */
  readonly cwd?: string;
  /** Milliseconds after which the program is killed and the run has failed. @default 60 000 */
  readonly timeout?: number;
  /** Return an exit code other than 0 instead of throwing. @default false */
  readonly allowFailure?: boolean;
  /** Receives each line that the program writes, as it is written. @default none is shown */
  readonly onLine?: (line: string) => void;
}

export interface Completed {
  /** Exit code; 128 + the signal's number is not imitated: a killed program has -1. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program could not be started, ended with a code other than 0, or took longer than it was given. */
export class CommandFailure extends ClusterError {
  constructor(
    readonly command: readonly string[],
    readonly reason: string,
    readonly completed: Completed,
  ) {
    const output = [completed.stderr, completed.stdout].map((text) => text.trim()).filter(Boolean);
    super([`${quoted(command)}: ${reason}`, ...output].join('\n'));
  }
}

/** The command line as a reader would type it. */
export function quoted(command: readonly string[]): string {
  return command
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(' ');
}

/** Programs that have not ended, each the leader of a process group of its own. */
const running = new Set<ChildProcess>();

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

const interrupted = new WeakSet<ChildProcess>();

/** Ends what {@link run} waits for, with all that it started: each of these runs fails. Each is told once. */
export function interruptRuns(signal: 'SIGINT' | 'SIGTERM'): void {
  for (const child of running) {
    if (!interrupted.has(child)) signalGroup(child, signal);
    interrupted.add(child);
  }
}

// A terminal's Ctrl-C does not reach their groups; none is to outlive this process.
process.once('exit', () => {
  for (const child of running) signalGroup(child, 'SIGTERM');
});

/**
 * Runs a program to its end, without a shell.
 *
 * @throws {CommandFailure} when it cannot be started, times out, or (unless `allowFailure`) ends with another code
 * than 0.
 */
export function run(
  command: readonly [string, ...string[]],
  { input, env, cwd, timeout = 60_000, allowFailure = false, onLine }: RunOptions = {},
): Promise<Completed> {
  const [program, ...args] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env, cwd, detached: true });
    running.add(child);
    let timedOut = false;
    // Not spawn's own timeout, which ends the program alone, and whose timer outlives one that cannot be started.
    const timer = setTimeout(() => {
      timedOut = true;
      signalGroup(child, 'SIGKILL');
    }, timeout);
    const settled = () => {
      clearTimeout(timer);
      running.delete(child);
    };
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    if (onLine !== undefined) {
      for (const input of [child.stdout, child.stderr])
        createInterface({ input }).on('line', onLine);
    }
    // A program that ends before it has read its input is judged by its exit code.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input ?? '');
    const completed = (code: number): Completed => ({
      code,
      stdout: Buffer.concat(out).toString(),
      stderr: Buffer.concat(err).toString(),
    });
    child.on('error', (error) => {
      settled();
      reject(new CommandFailure(command, `cannot be started (${error.message})`, completed(-1)));
    });
    child.on('close', (code, signal) => {
      settled();
      const result = completed(code ?? -1);
      if (code === 0 || (allowFailure && code !== null)) {
        resolve(result);
        return;
      }
      const reason = timedOut
        ? `took longer than ${timeout / 1000} s`
        : signal === null
          ? `exit code ${code}`
          : `ended by ${signal}`;
      reject(new CommandFailure(command, reason, result));
    });
  });
}

/** True when the program exists and ends with 0. */
export async function succeeds(
  command: readonly [string, ...string[]],
  timeout = 10_000,
): Promise<boolean> {
  try {
    await run(command, { timeout });
    return true;
  } catch (error) {
    if (error instanceof CommandFailure) return false;
    throw error;
  }
}
