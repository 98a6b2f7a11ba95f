/** What a load met while something was done to the system. */
import { setTimeout as passing } from 'node:timers/promises';
import { CheckFailure, expect, NotRun } from '../harness/check';
import type { TestContext } from '../harness/test-context';
import { Load, lostAccounts, measureLogins, type LoadRequest } from './load';

/** Milliseconds of load before and after. */
const CALM = 5_000;

export interface Outcome {
  /** Requests per second that were sent. */
  readonly rate: number;
  /** When the event began and ended, in milliseconds since 1970. */
  readonly began: number;
  readonly ended: number;
  readonly requests: readonly LoadRequest[];
  /** Acknowledged accounts that cannot log in. */
  readonly lost: readonly string[];
  /** How many were acknowledged. */
  readonly accounts: number;
}

export interface LoadOptions {
  /** Requests per second. @default half of what the service was measured to complete */
  readonly rate?: number;
  /** Nodes that the load comes from. @default all */
  readonly from?: readonly string[];
}

/** Holds a load while `event` runs, with calm before and after; looks for lost accounts once it has ended. */
export async function underLoad(
  context: TestContext,
  event: () => Promise<unknown>,
  { rate, from }: LoadOptions = {},
): Promise<Outcome> {
  const held = rate ?? (await calmRate(context));
  const load = await Load.start(context, held, from);
  let began = 0;
  let ended = 0;
  let failure: unknown;
  try {
    await passing(CALM);
    began = Date.now();
    await event();
    ended = Date.now();
    await passing(CALM);
  } catch (error) {
    failure = error;
  }
  const { requests, accounts } = await load.stop();
  if (failure !== undefined) throw failure as Error;
  const early = requests.filter((request) => request.at + request.ms < began && hasFailed(request));
  if (early.length > 0)
    throw new CheckFailure(
      `${countKinds(early)} of ${requests.length} requests before anything was done: ` +
        'the machine is too busy for this load',
    );
  const lost = await lostAccounts(context, accounts);
  return { rate: held, began, ended, requests, lost, accounts: accounts.length };
}

/**
 * Holds a load while `event` runs, of which no request may fail and no account be lost.
 *
 * Where all that failed was turned away for want of a processor (503 with Retry-After), and no rate is given, the event
 * is shown once more at half of the rate: others may have been busy on this machine. The result says so.
 *
 * @returns what was measured.
 * @throws {CheckFailure} when requests failed, or accounts are lost.
 */
export async function expectNoHarm(
  context: TestContext,
  event: () => Promise<unknown>,
  options: LoadOptions = {},
): Promise<string> {
  const first = await underLoad(context, event, options);
  const failed = failuresOf(first);
  const busy = failed.length > 0 && failed.every(isTurnedAway) && first.lost.length === 0;
  if (!busy || options.rate !== undefined || first.rate / 2 < LEAST_RATE) {
    expectUnharmed(first);
    return describe(first);
  }
  const rate = Math.floor(first.rate / 2);
  rates.set(context.cluster, rate);
  const second = await underLoad(context, event, { ...options, rate });
  expectUnharmed(second);
  return `${describe(second)}; ${failed.length} were turned away at ${first.rate}/s`;
}

/** Requests per second, by cluster. */
const rates = new WeakMap<object, number>();
/** Below this there is nothing to see. */
const LEAST_RATE = 4;

/**
 * Half of the logins per second that the service completes, measured once for each cluster; less where the machine has
 * become busier since, so that requests fail although nothing is done to the system.
 */
async function calmRate(context: TestContext): Promise<number> {
  const { cluster } = context;
  let rate = rates.get(cluster) ?? (await measureLogins(context)) / 2;
  for (;;) {
    rate = Math.max(LEAST_RATE, Math.floor(rate));
    rates.set(cluster, rate);
    const failed = await failuresAtRest(context, rate);
    if (failed.length === 0) return rate;
    if (rate === LEAST_RATE)
      throw new NotRun(
        `the machine is too busy: at ${rate} requests per second ${countKinds(failed)}`,
      );
    rate /= 2;
  }
}

/** What fails while nothing is done to the system. @param rate requests per second. */
export async function failuresAtRest(
  context: TestContext,
  rate: number,
): Promise<readonly LoadRequest[]> {
  const load = await Load.start(context, rate);
  await passing(CALM);
  return (await load.stop()).requests.filter(hasFailed);
}

/** An answer that a client of a service that works would not get. */
export function hasFailed({ status }: LoadRequest): boolean {
  return status === 0 || status === 429 || status >= 500;
}

/** 503 with Retry-After: the client is told that nothing was done, and when to try again. */
export function isTurnedAway({ status, retryAfter }: LoadRequest): boolean {
  return status === 503 && retryAfter === true;
}

export function failuresOf({ requests }: Outcome): readonly LoadRequest[] {
  return requests.filter(hasFailed);
}

/** `3 connection refused, 1 status 500`. */
export function countKinds(requests: readonly LoadRequest[]): string {
  const counts = new Map<string, number>();
  for (const request of requests) {
    const kind =
      request.status === 0
        ? `${request.error ?? 'no answer'} on a ${request.fresh === true ? 'new' : 'kept'} connection`
        : `status ${request.status}${request.retryAfter === true ? ' with Retry-After' : ''}`;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts].map(([kind, count]) => `${count} ${kind}`).join(', ');
}

/** What a table says of each event. */
export interface Summary {
  readonly requests: number;
  readonly failed: number;
  /** `3 connection refused on a new connection, 1 status 500`; empty where none failed. */
  readonly kinds: string;
  /** Acknowledged accounts that cannot log in, and how many were acknowledged. */
  readonly lost: number;
  readonly accounts: number;
  /** Milliseconds from when a request was due. */
  readonly p99: number;
  readonly slowest: number;
}

export function summarize(outcome: Outcome): Summary {
  const failed = failuresOf(outcome);
  const times = outcome.requests.map(({ ms }) => ms).sort((a, b) => a - b);
  const at = (share: number) =>
    times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  return {
    requests: times.length,
    failed: failed.length,
    kinds: countKinds(failed),
    lost: outcome.lost.length,
    accounts: outcome.accounts,
    p99: at(0.99),
    slowest: at(1),
  };
}

/** Requests, failed by kind and when, lost, p99 and slowest: the same words for each event. */
export function describe(outcome: Outcome): string {
  const { rate, began, ended } = outcome;
  const { requests, failed, kinds, lost, accounts, p99, slowest } = summarize(outcome);
  const due = failuresOf(outcome).map(({ at }) => ((at - began) / 1000).toFixed(1));
  return [
    `${requests} requests at ${rate}/s`,
    failed === 0
      ? '0 failed'
      : `${failed} failed (${kinds}; due ${due[0]} to ${due.at(-1)} s after it began)`,
    `${lost} of ${accounts} accounts lost`,
    `p99 ${p99.toFixed(0)} ms`,
    `slowest ${slowest.toFixed(0)} ms`,
    `took ${((ended - began) / 1000).toFixed(1)} s`,
  ].join(', ');
}

/** @throws {CheckFailure} unless no request failed and no account was lost. */
export function expectUnharmed(outcome: Outcome): void {
  expect(failuresOf(outcome).length === 0, () => `requests failed: ${describe(outcome)}`);
  expectNothingLost(outcome);
}

/** @throws {CheckFailure} where an acknowledged account is not there, or a client got an answer that misleads it. */
export function expectNothingLost(outcome: Outcome): void {
  expect(outcome.lost.length === 0, () => `acknowledged accounts are lost: ${describe(outcome)}`);
  const wrong = outcome.requests.filter(
    (request) => !hasFailed(request) && (request.status < 200 || request.status >= 300),
  );
  expect(wrong.length === 0, () => `answers that nobody foresaw: ${countKinds(wrong)}`);
}

/**
 * @param within seconds after the event began. @default there is no bound
 * @returns in seconds after the event began, when the last failure was answered.
 * @throws {CheckFailure} where an account is lost, a request failed otherwise than by 503 with Retry-After, or later.
 */
export function expectTurnedAwayAlone(outcome: Outcome, within = Infinity): number {
  expectNothingLost(outcome);
  const failed = failuresOf(outcome);
  const others = failed.filter((request) => !isTurnedAway(request));
  expect(others.length === 0, () => `other failures: ${countKinds(others)}; ${describe(outcome)}`);
  const back = Math.max(0, ...failed.map(({ at, ms }) => at + ms - outcome.began)) / 1000;
  expect(
    back <= within,
    () => `the last failure came ${back.toFixed(1)} s after: ${describe(outcome)}`,
  );
  return back;
}
