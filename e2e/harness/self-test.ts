/** Tests of the tests: each check must fail on its injected fault. */
import type { Check, Fixture, Suite } from './check';
import { markOf, type Result } from './report';
import { attempt, prepare, runEach, unlessNotRun, type Attempt, type RunOptions } from './run';
import type { Session } from './session';
import { TestContext, type TestContextOptions } from './test-context';

/**
 * Milliseconds that a wait may last. A fault mostly shows as a wait in vain; that the check passes within the same time
 * without one is seen first.
 */
const TIMEOUT = 45_000;

export const SELF_TEST_TITLES = ['check', 'injected fault', 'how the check noticed'] as const;

/** @returns one result for each check: passed when it passes without its fault, and fails with it. */
export async function runSelfTest(
  suites: readonly Suite[],
  session: Session,
  options: RunOptions,
): Promise<Result[]> {
  return runEach(suites, session, options, async (suite) => {
    const results: Result[] = [];
    for (const fixture of suite.fixtures)
      results.push(
        ...(await unlessNotRun(suite, fixture, options, () =>
          testFixture(suite, fixture, session, options),
        )),
      );
    return results;
  });
}

/** Without faults its checks share namespaces, as when nothing is injected; each fault has namespaces of its own. */
async function testFixture(
  suite: Suite,
  fixture: Fixture,
  session: Session,
  { print, signal }: RunOptions,
): Promise<Result[]> {
  const name = `${suite.name}-${fixture.name}`;
  const intact = new Map<Check, Attempt>();
  await within(fixture, session, `${name}-intact`, {}, async (context) => {
    for (const check of fixture.checks) {
      print(`  ...  ${check.name}`);
      const { attempt } = await once(context, check, false);
      signal.throwIfAborted();
      if (attempt.outcome !== 'passed') print(`  ${markOf(attempt.outcome)} ${attempt.figure}`);
      intact.set(check, attempt);
    }
  });
  const results: Result[] = [];
  for (const [check, unharmed] of intact) {
    const { fault } = check;
    const inject = fault.manifest === undefined ? {} : { inject: fault.manifest };
    print(`  ...  ${check.name}; injected: ${fault.what}`);
    const broken =
      unharmed.outcome === 'passed'
        ? await within(fixture, session, `${name}-broken-${results.length}`, inject, (context) =>
            once(context, check, true),
          )
        : undefined;
    signal.throwIfAborted();
    const conclusion = conclude(unharmed, broken);
    print(`  ${markOf(conclusion.outcome).padEnd(4)} ${conclusion.figure}`);
    results.push({ suite: suite.name, check: check.name, how: fault.what, ...conclusion });
  }
  return results;
}

/** Does work in a fixture's namespaces, which are there for it alone. */
async function within<T>(
  fixture: Fixture,
  session: Session,
  name: string,
  inject: Pick<TestContextOptions, 'inject'>,
  work: (context: TestContext) => Promise<T>,
): Promise<T> {
  const { cluster, images, scratch } = session;
  const namespace = await session.makeNamespaces(fixture, name);
  const options = { cluster, namespace, images, scratch, timeout: TIMEOUT, ...inject };
  const result = await work(new TestContext(options));
  await session.dropNamespaces(fixture, namespace);
  return result;
}

interface Tried {
  readonly attempt: Attempt;
  /** Whether the check itself was begun: one that fails before has noticed nothing. */
  readonly reached: boolean;
}

async function once(context: TestContext, check: Check, broken: boolean): Promise<Tried> {
  let reached = false;
  const result = await attempt(context, async () => {
    await prepare(check, context);
    if (broken) await check.fault.cluster?.(context);
    reached = true;
    return check.run(context);
  });
  return { attempt: result, reached };
}

/** @param broken undefined where the check does not pass without its fault. */
function conclude(
  intact: Attempt,
  broken: Tried | undefined,
): Pick<Result, 'outcome' | 'figure' | 'seconds'> {
  if (broken === undefined) {
    const { outcome, figure, seconds } = intact;
    return outcome === 'not run'
      ? { outcome, figure, seconds }
      : { outcome: 'failed', figure: `fails without its fault: ${figure}`, seconds };
  }
  const { attempt, reached } = broken;
  const seconds = intact.seconds + attempt.seconds;
  if (!reached) return { outcome: 'failed', figure: `was not reached: ${attempt.figure}`, seconds };
  if (attempt.outcome !== 'failed')
    return { outcome: 'failed', figure: `did not notice, and found: ${attempt.figure}`, seconds };
  return { outcome: 'passed', figure: attempt.figure, seconds };
}
