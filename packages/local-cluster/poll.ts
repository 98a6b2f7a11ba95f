/** Waiting with a timeout that says what was last seen. */
import { setTimeout as pause } from 'node:timers/promises';
import { ClusterError } from './cluster-error';

/** What one poll saw: the thing waited for, or words for what was there instead. */
export type Polled<T> = { readonly found: T } | { readonly lastSeen: string };

export interface PollOptions {
  /** What is waited for, as the object of "waited for". */
  readonly what: string;
  /** Milliseconds. */
  readonly timeout: number;
  /** Milliseconds between two polls. @default 100 */
  readonly interval?: number;
}

/**
 * Asks again and again until it is found.
 *
 * @throws {ClusterError} at the timeout, with what was last seen. An error of `ask` ends the wait at once.
 */
export async function poll<T>(
  { what, timeout, interval = 100 }: PollOptions,
  ask: () => Promise<Polled<T>>,
): Promise<T> {
  const end = Date.now() + timeout;
  for (;;) {
    const polled = await ask();
    if ('found' in polled) return polled.found;
    if (Date.now() >= end) {
      throw new ClusterError(
        `waited ${timeout / 1000} s for ${what}; last seen: ${polled.lastSeen}`,
      );
    }
    await pause(interval);
  }
}
