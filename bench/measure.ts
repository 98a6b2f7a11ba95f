import { spawnSync } from 'node:child_process';

/** One line of the report. */
export interface Row {
  /** What was measured. */
  readonly name: string;
  /** What is hoped for, in words: `at most 0.35 s`. @default - none: shown for comparison */
  readonly target?: string;
  /** What was measured, in words: `0.31 s`. */
  readonly measured: string;
  /** Whether the target was met. @default - there is no target */
  readonly met?: boolean;
}

/** A command to time as a whole process. */
export interface Command {
  readonly args: readonly [program: string, ...args: string[]];
  readonly env?: NodeJS.ProcessEnv;
  /** @default - the root of the repository */
  readonly folder?: string;
  /** Milliseconds after which it is killed, and has failed. @default 300 000 */
  readonly timeout?: number;
}

/** A command that failed. */
export class FailedCommand extends Error {
  constructor(
    command: readonly string[],
    readonly reason: string,
    readonly output: string,
  ) {
    super(`${command.join(' ')}: ${reason}\n${output}`.trimEnd());
  }
}

/**
 * Seconds that each command takes, median of `runs` after one that does not count. The commands take turns, so that a
 * machine which slows down slows all of them.
 *
 * @throws {Error} with the output of a command that fails
 */
export function medianSeconds(runs: number, ...commands: readonly Command[]): number[] {
  return medianOutcomes(runs, ...commands).map((outcome) => {
    if (outcome instanceof Error) throw outcome;
    return outcome;
  });
}

/** The same, with the error of a command that fails in the place of its seconds. It is not run again. */
export function medianOutcomes(
  runs: number,
  ...commands: readonly Command[]
): (number | FailedCommand)[] {
  const samples = commands.map((): number[] => []);
  const errors: FailedCommand[] = [];
  for (let run = 0; run <= runs; run++) {
    commands.forEach((command, index) => {
      if (errors[index] !== undefined) return;
      const outcome = time(command);
      if (outcome instanceof Error) errors[index] = outcome;
      else if (run > 0) samples[index]?.push(outcome);
    });
  }
  return samples.map((sample, index) => errors[index] ?? median(sample));
}

/** A row that is met when `value` is at most `limit`. */
export function atMost(name: string, limit: number, value: number, unit = ''): Row {
  return {
    name,
    target: `at most ${limit}${unit}`,
    measured: `${round(value)}${unit}`,
    met: value <= limit,
  };
}

/** A row that is met when `value` is at least `limit`. */
export function atLeast(name: string, limit: number, value: number, unit = ''): Row {
  return {
    name,
    target: `at least ${limit}${unit}`,
    measured: `${round(value)}${unit}`,
    met: value >= limit,
  };
}

/** Three significant digits. */
export function round(value: number): string {
  return String(Number(value.toPrecision(3)));
}

function time({
  args: [program, ...args],
  env,
  folder,
  timeout = 300_000,
}: Command): number | FailedCommand {
  const start = performance.now();
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd: folder,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
    timeout,
    killSignal: 'SIGKILL',
  });
  if (status === 0) return (performance.now() - start) / 1000;
  const timedOut = error !== undefined && 'code' in error && error.code === 'ETIMEDOUT';
  return new FailedCommand(
    [program, ...args],
    timedOut ? `no end within ${timeout / 1000} s` : (error?.message ?? `exit code ${status}`),
    timedOut ? '' : stderr + stdout,
  );
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
