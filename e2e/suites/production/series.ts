/** The two loads that events are shown under. */
import type { TestContext } from '../../harness/test-context';
import type { LoadOptions } from '../../system/outcome';
import { leastCost, standUp } from '../../system/production';

export interface Series {
  /** After the name of each check. */
  readonly suffix: string;
  readonly load: LoadOptions;
  readonly prepare: (context: TestContext) => Promise<void>;
}

/** Passwords are hashed as in production: half of what the machine can hash, so that processors are scarce. */
export const fullCost: Series = { suffix: '', load: {}, prepare: (context) => standUp(context) };

/** Requests per second. */
const MANY = 200;

/** Hashes cost the least that is allowed: each instant of an event is met by many requests. */
export const manyRequests: Series = {
  suffix: `, at ${MANY} requests per second and the least cost of a hash`,
  load: { rate: MANY },
  prepare: (context) => standUp(context, leastCost),
};
