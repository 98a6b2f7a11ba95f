/** Runs the checks of suites, one after the other. */
import { ClusterError } from 'local-cluster';
import { NotRun, type Check, type Fixture, type Suite } from './check';
import { markOf, type Outcome, type Result } from './report';
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

export async function runSuites(
  suites: readonly Suite[],
  session: Session,
  options: RunOptions,
): Promise<Result[]> {
  const { keep, print } = options;
  const results: Result[] = [];
  for (const suite of suites) {
    print('');
    print(suite.name);
    for (const fixture of suite.fixtures) {
      const context = await setUp(session, fixture, suite.name);
      const shown: Result[] = [];
      for (const check of fixture.checks) shown.push(await show(suite, check, context, options));
      results.push(...shown);
      const held = shown.every(({ outcome }) => outcome !== 'failed');
      if (held || !keep) await tearDown(session, fixture, context);
    }
  }
  return results;
}

async function show(
  suite: Suite,
  check: Check,
  context: TestContext,
  { print, signal }: RunOptions,
): Promise<Result> {
  print(`  ...  ${check.name}`);
  const { outcome, figure, seconds } = await attempt(context, async () => {
    await check.prepare?.(context);
    return check.run(context);
  });
  signal.throwIfAborted();
  print(`  ${markOf(outcome).padEnd(4)} ${figure} (${seconds.toFixed(1)} s)`);
  if (outcome === 'failed') print(await whatIsThere(context));
  return { suite: suite.name, check: check.name, how: check.how, outcome, figure, seconds };
}

/** Makes the fixture's namespace. */
async function setUp(session: Session, fixture: Fixture, suite: string): Promise<TestContext> {
  const { cluster, images, scratch, defaultNamespace } = session;
  const namespace = fixture.inDefaultNamespace
    ? defaultNamespace
    : await session.makeNamespace(`${suite}-${fixture.name}`);
  return new TestContext({
    cluster,
    namespace,
    images: images.references,
    scratch,
    timeout: TIMEOUT,
  });
}

/** Has all go that the fixture made, and does not wait for it. */
async function tearDown(session: Session, fixture: Fixture, context: TestContext): Promise<void> {
  if (fixture.inDefaultNamespace) {
    const selector = '--selector=name in (user-service, bystander)';
    await context.kubectl(['delete', 'replicasets,pods', selector, '--wait=false']);
  } else {
    await session.dropNamespace(context.namespace);
  }
}

export interface Attempt {
  readonly outcome: Outcome;
  /** What was measured, or why it failed or was not run. */
  readonly figure: string;
  readonly seconds: number;
}

/** Does the work, and times it; an error of any kind is a failure, and one that nobody foresaw keeps its stack. */
export async function attempt(context: TestContext, work: () => Promise<string>): Promise<Attempt> {
  const begun = performance.now();
  const seconds = () => (performance.now() - begun) / 1000;
  try {
    return { figure: await work(), outcome: 'passed', seconds: seconds() };
  } catch (error) {
    if (error instanceof NotRun)
      return { figure: error.message, outcome: 'not run', seconds: seconds() };
    const { message, stack } = error as Error;
    const told = error instanceof ClusterError ? message : (stack ?? message);
    // Where things lie on this machine says nothing to a reader.
    const figure = told
      .replaceAll(context.cluster.kubectlPath, 'kubectl')
      .replaceAll(`${ROOT}/`, '');
    return { figure, outcome: 'failed', seconds: seconds() };
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
