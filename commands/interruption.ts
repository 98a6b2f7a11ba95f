/** Ends a command at a signal in such a way that it can tidy up first. */
import { constants } from 'node:os';
import { interruptRuns } from 'local-cluster';
import { CommandError } from './command';

export class Interruption extends CommandError {
  constructor(readonly signal: 'SIGINT' | 'SIGTERM') {
    super(`interrupted by ${signal}`);
  }

  /** As a shell has it for a program that a signal ended. */
  get exitCode(): number {
    return 128 + constants.signals[this.signal];
  }
}

/**
 * Aborts with an {@link Interruption} at the first signal, and ends the programs that are being run; a second signal ends
 * the process at once. Aborts as well with an error that nobody caught: a mistake of ours is no reason to leave a
 * cluster behind.
 *
 * @param consequence what is done after the first signal: `taking back what was made`.
 */
export function interruptions(consequence: string, print: (line: string) => void): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    // Instead of the handler for commands whose exit handlers can clean up: a cluster takes its time.
    process.removeAllListeners(signal);
    process.once(signal, () => {
      print(`${signal}: ${consequence}; a second ${signal} ends at once`);
      controller.abort(new Interruption(signal));
      interruptRuns(signal);
    });
  }
  const abort = (error: unknown) => {
    controller.abort(error);
  };
  process.once('uncaughtException', abort);
  process.once('unhandledRejection', abort);
  return controller.signal;
}

/** The result of `work`, unless `signal` aborts before: then it rejects with the reason, and does not wait for `work`. */
export async function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => {
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (stop !== undefined) signal.removeEventListener('abort', stop);
  }
}
