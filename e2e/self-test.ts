/** Tests of the tests: each claim, with its promise broken on purpose, must fail. */
import type { Claim, Suite } from './claim';
import type { Result } from './report';
import { attempt, type Attempt, type RunOptions } from './run';
import type { Session } from './session';
import { Stage } from './stage';

/**
 * Milliseconds that a wait may last. A promise that is broken mostly shows as a wait in vain; that the claim holds within
 * the same time when nothing is broken is seen first.
 */
const PATIENCE = 45_000;

export const SELF_TEST_TITLES = ['claim', 'what was broken', 'how the claim noticed'] as const;

/** @returns one result for each claim: passed when it holds as it is, and fails when it is broken. */
export async function runSelfTest(
  suites: readonly Suite[],
  session: Session,
  { print, signal }: RunOptions,
): Promise<Result[]> {
  const results: Result[] = [];
  for (const suite of suites) {
    print('');
    print(suite.name);
    const claims = suite.scenes.flatMap((scene) => scene.claims);
    for (const [index, claim] of claims.entries()) {
      print(`  ...  ${claim.name}; broken: ${claim.breakage.what}`);
      const name = `${suite.name}-${index}`;
      const intact = await once(claim, session, `${name}-intact`, false);
      signal.throwIfAborted();
      const broken = await once(claim, session, `${name}-broken`, true);
      signal.throwIfAborted();
      const result = judge(suite, claim, intact, broken);
      print(`  ${result.passed ? 'ok  ' : 'FAIL'} ${result.figure}`);
      results.push(result);
    }
  }
  return results;
}

async function once(
  claim: Claim,
  session: Session,
  name: string,
  broken: boolean,
): Promise<Attempt & { readonly reached: boolean }> {
  const { cluster, images, scratch } = session;
  const { breakage } = claim;
  const namespace = await session.makeNamespace(name);
  const stage = new Stage({
    cluster,
    namespace,
    images: images.references,
    scratch,
    patience: PATIENCE,
    ...(broken && breakage.manifest !== undefined && { tamper: breakage.manifest }),
  });
  let reached = false;
  const result = await attempt(stage, async () => {
    await claim.prepare?.(stage);
    if (broken) await breakage.cluster?.(stage);
    reached = true;
    return claim.run(stage);
  });
  await session.dropNamespace(namespace);
  return { ...result, reached };
}

/** A claim whose beginnings already fail has noticed nothing. */
function judge(
  suite: Suite,
  claim: Claim,
  intact: Attempt,
  broken: Attempt & { readonly reached: boolean },
): Result {
  const passed = intact.passed && broken.reached && !broken.passed;
  const figure = !intact.passed
    ? `fails although nothing is broken: ${intact.figure}`
    : !broken.reached
      ? `was not reached: ${broken.figure}`
      : broken.passed
        ? `did not notice, and found: ${broken.figure}`
        : broken.figure;
  return {
    suite: suite.name,
    claim: claim.name,
    how: claim.breakage.what,
    passed,
    figure,
    seconds: intact.seconds + broken.seconds,
  };
}
