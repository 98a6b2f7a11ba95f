/** Milliseconds that one object may take. */
export const DEFAULT_TIMEOUT = 5_000;
/** Milliseconds within which a worker must have loaded its module. */
export const START_TIMEOUT = 60_000;

/** What became of a request: the module's answer as JSON, or why there is none. */
export type Answer = { readonly json: string } | GaveUp;

export interface GaveUp {
  /** Why there is no answer. */
  readonly gaveUp: string;
}

/**
 * A request that took too long.
 * @param timeout milliseconds
 */
export function tookTooLong(timeout: number): GaveUp {
  return { gaveUp: `gave up after ${timeout / 1000} s` };
}

/** A request that ended the module. */
export function brokeTheModule(reason: string): GaveUp {
  return { gaveUp: `Kubernetes' code broke on it: ${reason}` };
}

export function cannotStart(reason: string): Error {
  return new Error(`kube-verdict cannot start: ${reason}`);
}
