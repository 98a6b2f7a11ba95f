/** Tests of the tests: each claim, with its promise broken on purpose, must fail. */
import type { Claim, Suite } from './claim';
import { markOf, type Outcome, type Result } from './report';
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
      const broken =
        intact.outcome === 'not run'
          ? { ...intact, reached: false }
          : await once(claim, session, `${name}-broken`, true);
      signal.throwIfAborted();
      const result = judge(suite, claim, intact, broken);
      print(`  ${markOf(result.outcome).padEnd(4)} ${result.figure}`);
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
  const { outcome, figure } = conclusion(intact, broken);
  return {
    suite: suite.name,
    claim: claim.name,
    how: claim.breakage.what,
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
    return { outcome: 'failed', figure: `fails although nothing is broken: ${intact.figure}` };
  if (!broken.reached) return { outcome: 'failed', figure: `was not reached: ${broken.figure}` };
  if (broken.outcome !== 'failed')
    return { outcome: 'failed', figure: `did not notice, and found: ${broken.figure}` };
  return { outcome: 'passed', figure: broken.figure };
}
