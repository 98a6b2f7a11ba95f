/** New objects: verdict's `create` beside POST with dryRun=All. */
import type { Stage } from '../../harness/stage';
import { judgeAll, Tally, type Judges } from './compare';
import { cases, namespaceOf, onGround } from './ground';
import { serversOpinion, verdictsOpinion } from './opinion';
import type { Size } from './size';

export function judgeCreates(stage: Stage, { count, seed }: Size): Promise<string> {
  return onGround(stage, async (ground) => {
    const judges: Judges = {
      name: 'creates',
      what: 'a create',
      update: false,
      ask: async ({ base }, next) => {
        const [judgement, answer] = await Promise.all([
          ground.verdict.create(next),
          ground.server.create(next, namespaceOf(base, ground), true),
        ]);
        return { verdict: verdictsOpinion(judgement), server: serversOpinion(answer) };
      },
    };
    const tally = new Tally();
    await judgeAll(cases(ground, { count, seed, update: false }), judges, tally);
    await tally.expectAgreement(seed);
    return `${tally.toString()}, seed ${seed}`;
  });
}
