/** Updates: verdict's `apply` with `serverSide` beside a forced server-side apply with dryRun=All. */
import type { TestContext } from '../../harness/test-context';
import { judgeAll, Tally, type Judges, type Answers } from './compare';
import {
  before,
  cases,
  namespaceOf,
  withParity,
  refusedBase,
  withObjects,
  type Draw,
  type ParityContext,
} from './context';
import { textOf } from './json';
import { difference, answerOfServer, answerOfVerdict } from './answer';

export function judgeServerSide(context: TestContext, draw: Draw): Promise<string> {
  const { count, seed } = draw;
  return withParity(context, draw, (parity) =>
    withObjects(
      parity,
      async (bases) => {
        for (const base of bases) {
          const { manifest, name } = base;
          const { accepted, body } = await parity.server.apply(
            manifest,
            name,
            namespaceOf(base, parity),
            false,
          );
          if (!accepted) refusedBase(base, textOf(body.message));
        }
      },
      async () => {
        const tally = new Tally();
        await judgeAll(cases(parity, { count, seed, update: true }), judgesOf(parity), tally);
        await tally.expectAgreement(seed);
        return `${tally.toString()}, seed ${seed}`;
      },
    ),
  );
}

function judgesOf(parity: ParityContext): Judges {
  const { verdict, server } = parity;
  return {
    name: 'server-side',
    what: 'an update by server-side apply',
    update: true,
    ask: async (subject, next) => {
      const { base } = subject;
      const ask = async (): Promise<Answers> => {
        const { live, options } = await before(parity, subject);
        const [judgement, answer] = await Promise.all([
          verdict.apply(base.manifest, next, { serverSide: true, ...options }),
          server.apply(next, base.name, namespaceOf(base, parity), true),
        ]);
        return { verdict: answerOfVerdict(judgement), server: answerOfServer(answer, live), live };
      };
      const first = await ask();
      // A controller may have written to the object between the two polls.
      return difference(first.verdict, first.server) === undefined ? first : ask();
    },
  };
}
