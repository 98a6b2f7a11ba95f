/** Waiting with a deadline that says what it last saw. */
import { setTimeout as pause } from 'node:timers/promises';
import { ClusterRefusal } from './refusal';

/** What one look saw: the thing waited for, or words for what was there instead. */
export type Look<T> = { readonly found: T } | { readonly seen: string };

export interface Wait {
  /** What is waited for, as the object of "waited for". */
  readonly what: string;
  /** Milliseconds. */
  readonly deadline: number;
  /** Milliseconds between two looks. @default 100 */
  readonly interval?: number;
}

/**
 * Looks again and again until it is found.
 *
 * @throws {ClusterRefusal} at the deadline, with what was last seen. An error of `look` ends the wait at once.
 */
export async function until<T>(
  { what, deadline, interval = 100 }: Wait,
  look: () => Promise<Look<T>>,
): Promise<T> {
  const end = Date.now() + deadline;
  for (;;) {
    const result = await look();
    if ('found' in result) return result.found;
    if (Date.now() >= end) {
      throw new ClusterRefusal(
        `waited ${deadline / 1000} s for ${what}; last seen: ${result.seen}`,
      );
    }
    await pause(interval);
  }
}
