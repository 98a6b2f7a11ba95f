/** Updates: verdict's `apply` with `serverSide` beside a forced server-side apply with dryRun=All. */
import type { Stage } from '../../harness/stage';
import { judgeAll, Tally, type Judges, type Opinions } from './compare';
import {
  before,
  cases,
  namespaceOf,
  onGround,
  refusedBase,
  withObjects,
  type Ground,
} from './ground';
import { textOf } from './json';
import { difference, serversOpinion, verdictsOpinion } from './opinion';
import type { Size } from './size';

export function judgeServerSide(stage: Stage, { count, seed }: Size): Promise<string> {
  return onGround(stage, (ground) =>
    withObjects(
      ground,
      async (bases) => {
        for (const base of bases) {
          const { manifest, name } = base;
          const { accepted, body } = await ground.server.apply(
            manifest,
            name,
            namespaceOf(base, ground),
            false,
          );
          if (!accepted) refusedBase(base, textOf(body.message));
        }
      },
      async () => {
        const tally = new Tally();
        await judgeAll(cases(ground, { count, seed, update: true }), judgesOf(ground), tally);
        await tally.expectAgreement(seed);
        return `${tally.toString()}, seed ${seed}`;
      },
    ),
  );
}

function judgesOf(ground: Ground): Judges {
  const { verdict, server } = ground;
  return {
    name: 'server-side',
    what: 'an update by server-side apply',
    update: true,
    ask: async (subject, next) => {
      const { base } = subject;
      const ask = async (): Promise<Opinions> => {
        const { live, options } = await before(ground, subject);
        const [judgement, answer] = await Promise.all([
          verdict.apply(base.manifest, next, { serverSide: true, ...options }),
          server.apply(next, base.name, namespaceOf(base, ground), true),
        ]);
        return { verdict: verdictsOpinion(judgement), server: serversOpinion(answer, live), live };
      };
      const first = await ask();
      // A controller may have written to the object between the two looks.
      return difference(first.verdict, first.server) === undefined ? first : ask();
    },
  };
}
