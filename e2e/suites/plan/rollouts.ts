/** Changes that are planned, applied, and watched event by event. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { loadVerdict, plan, type Plan, type Verdict } from 'kube-verdict';
import { stringify } from 'yaml';
import { CheckFailure } from '../../harness/check';
import type { Manifest } from '../../harness/objects';
import { ROOT } from '../../harness/root';
import type { TestContext } from '../../harness/test-context';
import { after, isNeverReady, type Kind, manifestOf, type Subject, subjects } from './changes';
import { type Observation, Observer } from './observation';

/** Rollouts that are watched at a time: each is mostly waited for. */
const AT_A_TIME = 6;
/** Milliseconds that making a disagreement small may take. */
const SHRINKING = 90_000;
const REPORTS = join(ROOT, 'reports');

export interface Draw {
  /** So many changes that roll out. */
  readonly rollouts: number;
  /** fast-check's: the same seed draws the same changes. */
  readonly seed: number;
}

interface Seen {
  readonly planned: Plan['objects'][number];
  readonly observed: Observation;
  readonly rolledOut: boolean;
  readonly differences: readonly string[];
}

/** Plans and applies changes of a kind until so many have rolled out. */
export async function watchRollouts(
  context: TestContext,
  kind: Kind,
  { rollouts, seed }: Draw,
): Promise<string> {
  const verdict = await loadVerdict();
  const observer = await Observer.open(context, kind);
  const runner = new Runner(context, verdict, observer, await countNodes(context));
  const tally = new Tally();
  try {
    let next = 0;
    const work = async (): Promise<void> => {
      while (tally.rollouts < rollouts && tally.different.length === 0) {
        const number = next++;
        // Of all that is drawn most roll out.
        if (number > rollouts * 4) return;
        await drawn(runner, kind, seed + number, tally);
      }
    };
    await Promise.all(Array.from({ length: Math.min(AT_A_TIME, rollouts) }, work));
  } finally {
    observer.close();
    await verdict.close();
  }
  const figure = `${tally.toString()}, seed ${seed}`;
  if (tally.different.length > 0) throw new CheckFailure([figure, ...tally.different].join('\n'));
  if (tally.rollouts < rollouts) throw new CheckFailure(`too few changes roll out: ${figure}`);
  return figure;
}

/** One change, and where the plan is wrong, the smallest that shows it. */
async function drawn(runner: Runner, kind: Kind, seed: number, tally: Tally): Promise<void> {
  let first = true;
  const property = fc.asyncProperty(subjects(kind), async (subject) => {
    const seen = await runner.run(subject);
    if (first) tally.count(seen);
    first = false;
    if (seen.differences.length > 0) throw new CheckFailure(seen.differences.join('; '));
  });
  const { failed, counterexample, errorInstance } = await fc.check(property, {
    seed,
    numRuns: 1,
    interruptAfterTimeLimit: SHRINKING,
  });
  if (!failed) return;
  const error = errorInstance instanceof Error ? errorInstance : new Error(String(errorInstance));
  // What nobody foresaw is no disagreement.
  if (!(error instanceof CheckFailure) || counterexample === null) throw error;
  tally.different.push(`${runner.write(counterexample[0])}: ${error.message}`);
}

class Runner {
  private made = 0;
  private readonly last = new Map<string, { before: Manifest; after: Manifest; seen: Seen }>();

  constructor(
    private readonly context: TestContext,
    private readonly verdict: Verdict,
    private readonly observer: Observer,
    private readonly nodes: number,
  ) {}

  async run(subject: Subject): Promise<Seen> {
    const { context } = this;
    const { kind } = subject;
    const name = `case-${++this.made}`;
    const [old, now] = [subject.before, after(subject)].map((shape) =>
      manifestOf(subject, shape, name),
    ) as [Manifest, Manifest];
    const planned = await this.plan(old, now);
    const course = this.observer.of(name);
    const reference = `${kind.toLowerCase()}/${name}`;
    try {
      await context.apply(old);
      await course.untilComplete(context.timeout);
      course.begin();
      await context.apply(now);
      const { metadata } = await context.get(reference);
      await course.untilSettled(context.timeout, metadata.resourceVersion, isNeverReady(subject));
      const observed = course.observation();
      const action = actionOf(subject, observed);
      const found = differences(planned, observed, action, subject);
      const seen = { planned, observed, rolledOut: action === 'rollout', differences: found };
      this.last.set(JSON.stringify(subject), { before: old, after: now, seen });
      return seen;
    } finally {
      await context.kubectl(['delete', reference, '--wait=false', '--ignore-not-found']);
    }
  }

  /** Writes a disagreement to `reports`. @returns its files. */
  write(subject: Subject): string {
    const known = this.last.get(JSON.stringify(subject));
    if (known === undefined) return JSON.stringify(subject);
    mkdirSync(REPORTS, { recursive: true });
    const file = (part: string, text: string): string => {
      const name = `plan-${subject.kind.toLowerCase()}-${known.before.metadata.name}-${part}`;
      writeFileSync(join(REPORTS, name), text);
      return `reports/${name}`;
    };
    const { planned, observed } = known.seen;
    return [
      file('old.yaml', stringify(known.before, { version: '1.1' })),
      file('new.yaml', stringify(known.after, { version: '1.1' })),
      file('planned.json', `${JSON.stringify(planned, undefined, 2)}\n`),
      file('observed.json', `${JSON.stringify(observed, undefined, 2)}\n`),
    ].join(', ');
  }

  private async plan(old: Manifest, now: Manifest): Promise<Plan['objects'][number]> {
    const { verdict, nodes } = this;
    const { objects } = await plan([{ ...old }], [{ ...now }], { verdict, nodes });
    const [planned] = objects;
    if (planned !== undefined) return planned;
    // The same text on both sides has no plan.
    const [same] = (
      await plan([{ ...old }], [{ ...now, metadata: { ...now.metadata, annotations: {} } }], {
        verdict,
        nodes,
      })
    ).objects;
    if (same === undefined) throw new Error('there is no plan of what is written differently');
    return same;
  }
}

/** What happened to the workload; undefined where what was seen does not tell. */
function actionOf(subject: Subject, { replaced, renewed, changed }: Observation) {
  const { kind, before } = subject;
  const [from, to] = [before.replicas, after(subject).replicas];
  const isSet = kind === 'StatefulSet';
  if (replaced > 0 || (renewed > 0 && !isSet)) return 'rollout';
  // A StatefulSet that waits for a Pod that it added, replaces those it had later, or never meant to.
  if (isSet && renewed > 0 && isNeverReady(subject)) return undefined;
  if (kind !== 'DaemonSet' && from !== to) return 'scale';
  return changed ? 'update' : 'none';
}

/** Where what was planned is not what was seen. */
function differences(
  { action, rollout, summary }: Plan['objects'][number],
  observed: Observation,
  was: string | undefined,
  subject: Subject,
): string[] {
  const found: string[] = [];
  const equal = (what: string, said: unknown, was: unknown): void => {
    if (said !== was) found.push(`${what}: planned ${String(said)}, observed ${String(was)}`);
  };
  if (was !== undefined) equal('action', action, was);
  if (rollout === null) {
    equal('Pods replaced', 0, observed.replaced);
    return found;
  }
  const never = isNeverReady(subject);
  if (never) equal('available if never ready', rollout.availableIfNeverReady, observed.available);
  else equal('Pods replaced', rollout.podsReplaced, observed.replaced);
  const { fewestAvailable, mostExisting } = rollout;
  if (fewestAvailable === null || observed.fewestAvailable < fewestAvailable)
    found.push(
      `never fewer than ${fewestAvailable ?? '?'} available, ${observed.fewestAvailable} were`,
    );
  if (mostExisting === null || observed.mostWanted > mostExisting)
    found.push(`at most ${mostExisting ?? '?'} at once, there were ${observed.mostWanted}`);
  return found.length === 0 ? found : [...found, `(${summary})`];
}

class Tally {
  cases = 0;
  rollouts = 0;
  readonly different: string[] = [];
  private replaced = 0;
  private stuck = 0;
  private instants = 0;
  private readonly reached = { fewest: 0, most: 0 };

  count({ planned, observed, rolledOut }: Seen): void {
    this.cases += 1;
    this.instants += observed.instants;
    if (!rolledOut) return;
    const { rollout } = planned;
    this.rollouts += 1;
    this.replaced += observed.replaced;
    if (observed.available < (rollout?.to ?? 0)) this.stuck += 1;
    if (observed.fewestAvailable === rollout?.fewestAvailable) this.reached.fewest += 1;
    if (observed.mostWanted === rollout?.mostExisting) this.reached.most += 1;
  }

  toString(): string {
    const { fewest, most } = this.reached;
    return (
      `${this.cases} changes, ${this.rollouts} rollouts of ${this.replaced} Pods (${this.stuck} never done) ` +
      `in ${this.instants} instants; fewest available reached in ${fewest}, most existing in ${most}`
    );
  }
}

/** Nodes that take Pods. */
async function countNodes({ cluster }: TestContext): Promise<number> {
  const { stdout } = await cluster.kubectl(['get', 'nodes', '--output=json']);
  const { items } = JSON.parse(stdout) as {
    items: { spec: { unschedulable?: boolean; taints?: { effect: string }[] } }[];
  };
  return items.filter(
    ({ spec }) =>
      spec.unschedulable !== true &&
      !spec.taints?.some(({ effect }) => effect !== 'PreferNoSchedule'),
  ).length;
}
