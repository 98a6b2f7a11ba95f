/** What happens with all protections, and without one. */
import { type Check, expect } from '../../harness/check';
import type { TestContext } from '../../harness/test-context';
import {
  countKinds,
  expectUnharmed,
  failuresOf,
  type Outcome,
  underLoad,
} from '../../system/outcome';
import {
  applyAll,
  type Draft,
  nodes,
  productionManifests,
  rolledOut,
  standUp,
  underOtherNames,
} from '../../system/production';
import { drain } from '../production/disruptions';
import { changeImage } from '../production/changes';
import { killStore } from '../production/stores';
import { type EventName, type Protection, PROTECTIONS } from './protections';

/** Requests per second, of which each costs the least: an event's instants are met by many. */
const RATE = 200;

function leastCost({ kind, metadata, data }: Draft): void {
  if (kind === 'ConfigMap' && metadata.name.startsWith('user-') && data !== undefined)
    Object.assign(data, { ARGON2_MEMORY_KIB: '8', ARGON2_TIME: '1' });
}

const EVENTS: Readonly<Record<EventName, (context: TestContext) => Promise<unknown>>> = {
  'image change': changeImage,
  drain: async (context) => {
    const [, second = ''] = await nodes(context);
    await drain(context, second);
    await context.kubectl(['uncordon', second]);
    await rolledOut(context, 'deployment/user');
  },
  'MySQL killed': (context) => killStore(context, 'mysql'),
};

/** Has production run as dist has it but for `change`; Pods are made anew, so that they lie as it says. */
async function bring(context: TestContext, change: (draft: Required<Draft>) => void) {
  const both = (draft: Draft) => {
    leastCost(draft);
    change(draft as Required<Draft>);
  };
  await standUp(context, leastCost);
  await applyAll(
    context,
    underOtherNames(productionManifests(context), productionManifests(context, both)),
  );
  for (const reference of ['statefulset/mysql', 'deployment/user'])
    await rolledOut(context, reference);
  await context.kubectl(['rollout', 'restart', 'deployment/user']);
  await rolledOut(context, 'deployment/user');
}

const said = (event: string, outcome: Outcome) => {
  const failed = failuresOf(outcome);
  const { requests, lost } = outcome;
  const kinds = failed.length === 0 ? '' : ` (${countKinds(failed)})`;
  return `${event}: ${failed.length} of ${requests.length} failed${kinds}, ${lost.length} lost`;
};

/** What is off, where `--self-test` does not turn it on again. */
export const baseline: Check = {
  name: 'with all protections no request fails, and no account is lost',
  how: `${RATE} requests per second while the image is changed and the node without the stores is drained`,
  prepare: (context) => bring(context, () => undefined),
  run: async (context) => {
    const found: string[] = [];
    for (const event of ['image change', 'drain'] as const) {
      const outcome = await underLoad(context, () => EVENTS[event](context), { rate: RATE });
      expectUnharmed(outcome);
      found.push(said(event, outcome));
    }
    return found.join('; ');
  },
  fault: {
    what: 'all Pods are replaced at once',
    cluster: (context) => bring(context, protection('maxUnavailable 0').off),
  },
};

function protection(name: string): Protection {
  const found = PROTECTIONS.find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no protection "${name}"`);
  return found;
}

/** @returns the check that the events harm the system without it. */
export function without({ name, without: instead, off, events }: Protection): Check {
  return {
    name: `without ${name}: requests fail or accounts are lost`,
    how: `${instead}; ${RATE} requests per second during: ${events.join(', ')}`,
    prepare: (context) => bring(context, off),
    run: async (context) => {
      const found: string[] = [];
      let harm = 0;
      for (const event of events) {
        const outcome = await underLoad(context, () => EVENTS[event](context), { rate: RATE });
        // A killed MySQL turns clients away in any case: what counts there is what is lost.
        harm += outcome.lost.length + (event === 'MySQL killed' ? 0 : failuresOf(outcome).length);
        found.push(said(event, outcome));
      }
      expect(harm > 0, () => `it changed nothing: ${found.join('; ')}`);
      return found.join('; ');
    },
    fault: { what: 'the protection is on', cluster: (context) => bring(context, () => undefined) },
  };
}
