/** Tests of the tests: each check must fail on its injected fault. */
import type { Check, Fixture, Suite } from './check';
import { markOf, type Outcome, type Result } from './report';
import { attempt, runEach, type Attempt, type RunOptions } from './run';
import type { Session } from './session';
import { TestContext } from './test-context';

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
    const checks = suite.fixtures.flatMap((fixture) =>
      fixture.checks.map((check) => ({ fixture, check })),
    );
    for (const [index, { fixture, check }] of checks.entries()) {
      const name = `${suite.name}-${index}`;
      results.push(await testCheck(suite, fixture, check, name, session, options));
    }
    return results;
  });
}

async function testCheck(
  suite: Suite,
  fixture: Fixture,
  check: Check,
  name: string,
  session: Session,
  { print, signal }: RunOptions,
): Promise<Result> {
  print(`  ...  ${check.name}; injected: ${check.fault.what}`);
  const intact = await once(fixture, check, session, `${name}-intact`, false);
  signal.throwIfAborted();
  const broken =
    intact.outcome === 'not run'
      ? { ...intact, reached: false }
      : await once(fixture, check, session, `${name}-broken`, true);
  signal.throwIfAborted();
  const result = judge(suite, check, intact, broken);
  print(`  ${markOf(result.outcome).padEnd(4)} ${result.figure}`);
  return result;
}

async function once(
  fixture: Fixture,
  check: Check,
  session: Session,
  name: string,
  broken: boolean,
): Promise<Attempt & { readonly reached: boolean }> {
  const { cluster, images, scratch } = session;
  const { fault } = check;
  const namespace = await session.makeNamespaces(fixture, name);
  const context = new TestContext({
    cluster,
    namespace,
    images,
    scratch,
    timeout: TIMEOUT,
    ...(broken && fault.manifest !== undefined && { inject: fault.manifest }),
  });
  let reached = false;
  const result = await attempt(context, async () => {
    await check.prepare?.(context);
    if (broken) await fault.cluster?.(context);
    reached = true;
    return check.run(context);
  });
  await session.dropNamespaces(fixture, namespace);
  return { ...result, reached };
}

/** A check that fails before it is run has noticed nothing. */
function judge(
  suite: Suite,
  check: Check,
  intact: Attempt,
  broken: Attempt & { readonly reached: boolean },
): Result {
  const { outcome, figure } = conclusion(intact, broken);
  return {
    suite: suite.name,
    check: check.name,
    how: check.fault.what,
    outcome,
    figure,
    seconds: intact.seconds + broken.seconds,
  };
}

function conclusion(
  intact: Attempt,
  broken: Attempt & { readonly reached: boolean },
): { readonly outcome: Outcome; readonly figure: string } {
  if (intact.outcome === 'not run') return intact;
  if (intact.outcome === 'failed')
    return { outcome: 'failed', figure: `fails without its fault: ${intact.figure}` };
  if (!broken.reached) return { outcome: 'failed', figure: `was not reached: ${broken.figure}` };
  if (broken.outcome !== 'failed')
    return { outcome: 'failed', figure: `did not notice, and found: ${broken.figure}` };
  return { outcome: 'passed', figure: broken.figure };
}
