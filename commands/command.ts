/** What every command of this folder shares: its arguments, its errors and its exit code. */
import { parseArgs, type ParseArgsConfig } from 'node:util';

/** The command was understood, and cannot be done or failed: exit 1. The message says what, why and how to fix it. */
export class CommandError extends Error {}

/** The command was not understood: exit 2. */
export class UsageError extends Error {}

type OptionsConfig = NonNullable<ParseArgsConfig['options']>;

interface Arguments<O extends OptionsConfig> {
  /** How the command is called, one line. Shown with every {@link UsageError}, and by `--help`. */
  readonly usage: string;
  readonly options: O;
  /** @default false */
  readonly allowPositionals?: boolean;
}

/**
 * Parses the arguments of a command; `--help` prints the usage and ends the process with 0.
 *
 * @throws {UsageError} for an option or an argument that the command does not take.
 */
export function parseArguments<O extends OptionsConfig>(
  argv: readonly string[],
  { usage, options, allowPositionals = false }: Arguments<O>,
) {
  if (argv.includes('--help')) {
    console.log(`usage: ${usage}`);
    process.exit(0);
  }
  try {
    return parseArgs({
      args: [...argv],
      options,
      allowPositionals,
      strict: true,
    } satisfies ParseArgsConfig);
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\nusage: ${usage}`);
  }
}

/**
 * Runs `main` with the command line's arguments: exit 0 done, 1 cannot be done or failed, 2 wrong usage.
 *
 * @param expected errors of packages that a user can act on: printed without a stack, as a {@link CommandError} is
 */
export function runCommand(
  main: (argv: readonly string[]) => Promise<void> | void,
  expected: readonly (new (...args: never[]) => Error)[] = [],
): void {
  // A signal ends the process by way of its exit handlers, which clean up.
  for (const [signal, number] of [
    ['SIGINT', 2],
    ['SIGTERM', 15],
  ] as const) {
    process.once(signal, () => process.exit(128 + number));
  }
  // What is done is done: it is another thing that its story cannot be told.
  process.stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    // Whoever read has gone, as `head` does.
    if (code === 'EPIPE') return;
    console.error(`cannot print: ${message}`);
    if (process.exitCode === undefined || process.exitCode === 0) process.exitCode = 3;
  });
  Promise.resolve(process.argv.slice(2))
    .then(main)
    .catch((error: unknown) => {
      // A mistake of ours keeps its stack; an expected error has said all there is to say.
      const told = [CommandError, UsageError, ...expected].some((type) => error instanceof type);
      console.error(told ? (error as Error).message : error);
      process.exitCode = error instanceof UsageError ? 2 : 1;
    });
}
