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
}

/**
 * Seconds that each command takes, median of `runs` after one that does not count. The commands take turns, so that a
 * machine which slows down slows all of them.
 *
 * @throws {Error} with the output of a command that fails
 */
export function medianSeconds(runs: number, ...commands: readonly Command[]): number[] {
  const samples = commands.map((): number[] => []);
  for (let run = 0; run <= runs; run++) {
    commands.forEach((command, index) => {
      const seconds = time(command);
      if (run > 0) samples[index]?.push(seconds);
    });
  }
  return samples.map(median);
}

/** Whether a program is on the PATH. */
export function isInstalled(program: string): boolean {
  return spawnSync('which', [program]).status === 0;
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

function time({ args: [program, ...args], env, folder }: Command): number {
  const start = performance.now();
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd: folder,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    maxBuffer: 1024 ** 3,
  });
  if (status !== 0)
    throw new Error(`${[program, ...args].join(' ')} failed: ${String(error ?? stdout + stderr)}`);
  return (performance.now() - start) / 1000;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
