/** What happens with all protections, and without one. */
import type { ProtectionRow } from '../../../commands/protections-svg';
import { type Check, expect, type Figure } from '../../harness/check';
import type { TestContext } from '../../harness/test-context';
import { renewLoad } from '../../system/load';
import { type Outcome, summarize, type Summary, underLoad } from '../../system/outcome';
import {
  applyAll,
  type Draft,
  leastCost,
  productionManifests,
  rolledOut,
  standUp,
  underOtherNames,
  untilStands,
} from '../../system/production';
import { EVENTS, type Event, secondsAway } from './events';
import { type Protection, PROTECTIONS } from './protections';

/** Requests per second, of which each costs the least: an event's instants are met by many. */
const RATE = 200;

/** Has production run as dist has it but for `change`; its Pods are made anew, so that they lie as it says. */
export async function bring(context: TestContext, change: (draft: Required<Draft>) => void) {
  await standUp(context, leastCost);
  await context.kubectl(['delete', 'deployment/user', '--cascade=foreground']);
  const drafts = productionManifests(context, (draft) => {
    leastCost(draft);
    // At once: the autoscaler would come to it within fifteen seconds.
    if (draft.kind === 'Deployment' && draft.spec !== undefined) draft.spec.replicas = 3;
    change(draft as Required<Draft>);
  });
  await applyAll(context, underOtherNames(productionManifests(context), drafts));
  await rolledOut(context, 'statefulset/mysql');
  await untilStands(context);
}

type Row = ProtectionRow & Summary;

/** What an event did, as a row of the table and of the picture. */
export function row(event: Event, outcome: Outcome, without?: string): Row {
  const harm = event.harm(outcome);
  return {
    ...(without !== undefined && { without }),
    event: event.name,
    ...(harm !== undefined && { harm }),
    ...summarize(outcome),
    secondsAway: secondsAway(outcome),
  };
}

export function figureOf(rows: readonly Row[]): Figure {
  const said = rows.map(
    ({ event, requests, failed, kinds, lost, accounts, p99, slowest, ...one }) =>
      [
        `${event}: ${failed} of ${requests} failed${failed === 0 ? '' : ` (${kinds})`}`,
        ...(one.secondsAway > 0 ? [`nobody answered for ${one.secondsAway.toFixed(1)} s`] : []),
        `${lost} of ${accounts} accounts lost`,
        `p99 ${p99.toFixed(0)} ms`,
        `slowest ${slowest.toFixed(0)} ms`,
      ].join(', '),
  );
  return { text: said.join('; '), data: rows };
}

async function inTurn(
  context: TestContext,
  events: readonly Event[],
  without?: string,
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const event of events) {
    await renewLoad(context);
    const outcome = await underLoad(context, () => event.run(context), { rate: RATE });
    rows.push(row(event, outcome, without));
  }
  return rows;
}

export const baseline: Check = {
  name: 'with all protections no event does harm',
  how: `${RATE} requests per second during: ${Object.values(EVENTS)
    .map(({ name }) => name)
    .join(', ')}`,
  prepare: (context) => bring(context, () => undefined),
  run: async (context) => {
    const rows = await inTurn(context, Object.values(EVENTS));
    const figure = figureOf(rows);
    expect(
      rows.every(({ harm }) => harm === undefined),
      () => figure.text,
      figure.data,
    );
    return figure;
  },
  fault: {
    what: 'a Pod closes its port as soon as it is told to end (DRAIN_DELAY 0s)',
    cluster: (context) =>
      bring(context, ({ kind, metadata, data }) => {
        if (kind === 'ConfigMap' && metadata.name.startsWith('user-')) data.DRAIN_DELAY = '0s';
      }),
  },
};

/** @returns the check that an event does harm without it. */
function withoutIt({ name, without, off, events }: Protection): Check {
  return {
    name: `without ${name}: an event does harm`,
    how: `${without}; ${RATE} requests per second during: ${events.map((event) => event.name).join(', ')}`,
    prepare: (context) => bring(context, off),
    run: async (context) => {
      const rows = await inTurn(context, events, name);
      const figure = figureOf(rows);
      expect(
        rows.some(({ harm }) => harm !== undefined),
        () => `it changed nothing: ${figure.text}`,
        figure.data,
      );
      return figure;
    },
    fault: { what: 'the protection is on', cluster: (context) => bring(context, () => undefined) },
  };
}

export const checks: readonly Check[] = [baseline, ...PROTECTIONS.map(withoutIt)];
