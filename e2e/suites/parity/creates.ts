/** New objects: verdict's `create` beside POST with dryRun=All. */
import type { TestContext } from '../../harness/test-context';
import { judgeAll, Tally, type Judges } from './compare';
import { cases, namespaceOf, withParity, type Draw } from './context';
import { answerOfServer, answerOfVerdict } from './answer';

export function judgeCreates(context: TestContext, draw: Draw): Promise<string> {
  const { count, seed } = draw;
  return withParity(context, draw, async (parity) => {
    const judges: Judges = {
      name: 'creates',
      what: 'a create',
      update: false,
      ask: async ({ base }, next) => {
        const [judgement, answer] = await Promise.all([
          parity.verdict.create(next),
          parity.server.create(next, namespaceOf(base, parity), true),
        ]);
        return { verdict: answerOfVerdict(judgement), server: answerOfServer(answer) };
      },
    };
    const tally = new Tally();
    await judgeAll(cases(parity, { count, seed, update: false }), judges, tally);
    await tally.expectAgreement(seed);
    return `${tally.toString()}, seed ${seed}`;
  });
}
