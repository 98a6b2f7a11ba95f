/** That a plan says what controllers do: random changes, planned, applied and watched. */
import type { Check, Fault, Suite } from '../../harness/check';
import { IMAGE, type Kind, KINDS, NEW_IMAGE } from './changes';
import { watchRollouts } from './rollouts';

export interface PlanOptions {
  /** Rollouts of all kinds together. @default 30; 201 where the suite is run by its name, 18 for a self-test */
  readonly cases?: number | undefined;
  /** Whether the suite was named. @default false */
  readonly named?: boolean;
  /** Whether faults are injected. @default false */
  readonly selfTest?: boolean;
  /** @default drawn at random */
  readonly seed?: number | undefined;
}

const ROLLOUTS = 30;
const NAMED_ROLLOUTS = 201;
const SELF_TEST_ROLLOUTS = 18;

const FAULTS: Readonly<Record<Kind, Fault>> = {
  Deployment: {
    what: 'each Deployment recreates its Pods, and the plan is of another strategy',
    manifest: ({ spec }) => {
      spec.strategy = { type: 'Recreate' };
    },
  },
  StatefulSet: onDelete('StatefulSet'),
  DaemonSet: onDelete('DaemonSet'),
};

function onDelete(kind: Kind): Fault {
  return {
    what: `each ${kind} waits until its Pods are deleted, and the plan is of another strategy`,
    manifest: ({ spec }) => {
      Object.assign(spec, { updateStrategy: { type: 'OnDelete' } });
    },
  };
}

export function plan({ selfTest = false, named = false, cases, seed }: PlanOptions = {}): Suite {
  const fallback = selfTest ? SELF_TEST_ROLLOUTS : named ? NAMED_ROLLOUTS : ROLLOUTS;
  const rollouts = Math.ceil((cases ?? fallback) / KINDS.length);
  const drawn = seed ?? Math.floor(Math.random() * 2 ** 30);
  const check = (kind: Kind): Check => ({
    name: `a plan says what a change of a ${kind} does to its Pods`,
    how: `${rollouts} random changes that roll out, planned, applied by kubectl and watched: the same action, Pods replaced and Pods left if none becomes ready; never fewer available and never more at once than planned`,
    run: (context) => watchRollouts(context, kind, { rollouts, seed: drawn }),
    fault: FAULTS[kind],
  });
  return {
    name: 'plan',
    notes: [
      'plan: of a Deployment, what its ReplicaSets want at once is held to the bound; of Pods there may be more for a moment, as one ReplicaSet makes its new Pod before the other has deleted its old one',
      'plan: Pods are those of redis alone; ready at once, after 2 seconds, or never (a closed port, an image that is nowhere)',
    ],
    requires: { images: [IMAGE, NEW_IMAGE] },
    fixtures: KINDS.map((kind) => ({ name: kind.toLowerCase(), checks: [check(kind)] })),
  };
}
