/** Runs the checks of suites, one after the other. */
import { ClusterError } from 'local-cluster';
import { CheckFailure, type Figure, NotRun, type Check, type Fixture, type Suite } from './check';
import { markOf, type Outcome, type Result } from './report';
import { byNeed, missingRequirement } from './requirements';
import { ROOT } from './root';
import type { Session } from './session';
import { TestContext } from './test-context';

/** Milliseconds that a wait of a check may last; starting three MariaDBs on two cores takes some. */
const TIMEOUT = 180_000;
/** Events that are shown of a namespace where a check failed. */
const EVENTS_SHOWN = 12;

export interface RunOptions {
  /** Leave the namespaces of fixtures in which a check failed. */
  readonly keep: boolean;
  /** Receives one line at a time, as checks begin and end. */
  readonly print: (line: string) => void;
  /** Once it is aborted, no further check begins, and nothing more is printed. */
  readonly signal: AbortSignal;
}

/** @returns the results, in the order of the suites. */
export async function runSuites(
  suites: readonly Suite[],
  session: Session,
  options: RunOptions,
): Promise<Result[]> {
  for (const { inDefaultNamespace } of suites.flatMap(({ fixtures }) => fixtures)) {
    if (inDefaultNamespace !== undefined) await session.expectNothingForeign(inDefaultNamespace);
  }
  return runEach(suites, session, options, async (suite) => {
    const results: Result[] = [];
    for (const fixture of suite.fixtures) {
      const run = () => runFixture(suite, fixture, session, options);
      results.push(...(await unlessNotRun(suite, fixture, options, run)));
    }
    return results;
  });
}

/**
 * Gives the cluster what each suite needs, in order of need, and runs it; of one that needs what the cluster lacks, no
 * check is run.
 *
 * @returns the results, in the order of the suites.
 */
export async function runEach(
  suites: readonly Suite[],
  session: Pick<Session, 'cluster' | 'grow' | 'provide'>,
  { print, signal }: Pick<RunOptions, 'print' | 'signal'>,
  runSuite: (suite: Suite) => Promise<Result[]>,
): Promise<Result[]> {
  const results = new Map<Suite, Result[]>();
  for (const suite of byNeed(suites)) {
    signal.throwIfAborted();
    const { name, requires = {} } = suite;
    print('');
    print(name);
    await session.grow(requires.nodes ?? 1);
    const missing = await missingRequirement(requires, session.cluster);
    if (missing === undefined) {
      await session.provide(requires.images ?? []);
      results.set(suite, await runSuite(suite));
    } else {
      results.set(suite, notRun(suite, suite.fixtures, missing, print));
    }
  }
  return suites.flatMap((suite) => results.get(suite) ?? []);
}

/** Runs a fixture; where that cannot begin on this cluster, none of its checks is run. */
export async function unlessNotRun(
  suite: Suite,
  fixture: Fixture,
  { print }: Pick<RunOptions, 'print'>,
  run: () => Promise<Result[]>,
): Promise<Result[]> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof NotRun)) throw error;
    return notRun(suite, [fixture], error.message, print);
  }
}

function notRun(
  { name }: Suite,
  fixtures: readonly Fixture[],
  reason: string,
  print: (line: string) => void,
): Result[] {
  print(`  ${markOf('not run').padEnd(4)} ${reason}`);
  return fixtures
    .flatMap(({ checks }) => checks)
    .map((check) => ({
      suite: name,
      check: check.name,
      how: check.how,
      outcome: 'not run',
      figure: reason,
      seconds: 0,
    }));
}

async function runFixture(
  suite: Suite,
  fixture: Fixture,
  session: Session,
  options: RunOptions,
): Promise<Result[]> {
  const { cluster, images, scratch, defaultNamespace } = session;
  const { inDefaultNamespace } = fixture;
  const namespace =
    inDefaultNamespace === undefined
      ? await session.makeNamespaces(fixture, `${suite.name}-${fixture.name}`)
      : defaultNamespace;
  const context = new TestContext({ cluster, namespace, images, scratch, timeout: TIMEOUT });
  const results: Result[] = [];
  for (const check of fixture.checks) results.push(await runCheck(suite, check, context, options));
  const failed = results.some(({ outcome }) => outcome === 'failed');
  if (failed && options.keep) return results;
  if (inDefaultNamespace === undefined) await session.dropNamespaces(fixture, namespace);
  else await session.dropWorkloads(inDefaultNamespace);
  return results;
}

async function runCheck(
  suite: Suite,
  check: Check,
  context: TestContext,
  { print, signal }: RunOptions,
): Promise<Result> {
  print(`  ...  ${check.name}`);
  const { outcome, figure, seconds, ...data } = await attempt(context, async () => {
    await prepare(check, context);
    return check.run(context);
  });
  signal.throwIfAborted();
  print(`  ${markOf(outcome).padEnd(4)} ${figure} (${seconds.toFixed(1)} s)`);
  if (outcome === 'failed') print(await whatIsThere(context));
  return {
    suite: suite.name,
    check: check.name,
    how: check.how,
    outcome,
    figure,
    seconds,
    ...data,
  };
}

/** @throws {NotRun} where the cluster lacks what the check needs. */
export async function prepare(check: Check, context: TestContext): Promise<void> {
  const missing = await check.requires?.(context.cluster);
  if (missing !== undefined) throw new NotRun(missing);
  await check.prepare?.(context);
}

export interface Attempt {
  readonly outcome: Outcome;
  /** What was measured, or why it failed or was not run. */
  readonly figure: string;
  readonly seconds: number;
  readonly data?: unknown;
}

/** Does the work, and times it; an error of any kind is a failure, and one that nobody foresaw keeps its stack. */
export async function attempt(
  context: TestContext,
  work: () => Promise<string | Figure>,
): Promise<Attempt> {
  const begun = performance.now();
  const seconds = () => (performance.now() - begun) / 1000;
  try {
    const measured = await work();
    if (typeof measured === 'string')
      return { figure: measured, outcome: 'passed', seconds: seconds() };
    const { text, data } = measured;
    return { figure: text, data, outcome: 'passed', seconds: seconds() };
  } catch (error) {
    if (error instanceof NotRun)
      return { figure: error.message, outcome: 'not run', seconds: seconds() };
    const { message, stack } = error as Error;
    const told = error instanceof ClusterError ? message : (stack ?? message);
    // Where things lie on this machine says nothing to a reader.
    const figure = told
      .replaceAll(context.cluster.kubectlPath, 'kubectl')
      .replaceAll(`${ROOT}/`, '');
    const data = error instanceof CheckFailure ? error.data : undefined;
    return {
      figure,
      ...(data !== undefined && { data }),
      outcome: 'failed',
      seconds: seconds(),
    };
  }
}

/** Pods and the last events of a namespace, for whoever asks why. */
async function whatIsThere(context: TestContext): Promise<string> {
  const allowFailure = true;
  const pods = await context.kubectl(['get', 'pods', '--output=wide'], { allowFailure });
  const events = await context.kubectl(['get', 'events', '--sort-by=.lastTimestamp'], {
    allowFailure,
  });
  const last = events.stdout.trimEnd().split('\n').slice(-EVENTS_SHOWN);
  return [...`${pods.stdout}${pods.stderr}`.trimEnd().split('\n'), ...last]
    .map((line) => `       | ${line}`)
    .join('\n');
}
