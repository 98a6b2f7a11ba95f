/** Updates: verdict's `apply` with `serverSide` beside a forced server-side apply with dryRun=All. */
import type { Stage } from '../stage';
import { judgeAll, Tally, type Judges } from './compare';
import { cases, namespaceOf, onGround, refusedBase, withObjects, type Ground } from './ground';
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
    what: 'an update by server-side apply',
    update: true,
    ask: async ({ base }, next) => {
      const namespace = namespaceOf(base, ground);
      const ofVerdict = verdictsOpinion(
        await verdict.apply(base.manifest, next, { serverSide: true }),
      );
      const ask = async () => {
        const live = await server.get(base.manifest, base.name, namespace);
        return serversOpinion(await server.apply(next, base.name, namespace, true), live.body);
      };
      const first = await ask();
      // A controller may have written to the object between the two looks.
      const again = difference(ofVerdict, first) !== undefined;
      return { verdict: ofVerdict, server: again ? await ask() : first };
    },
  };
}
