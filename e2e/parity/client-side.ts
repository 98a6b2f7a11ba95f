/** Updates: verdict's `apply` beside `kubectl apply --dry-run=server`, an object of each base at a time. */
import type { Stage } from '../stage';
import { Tally, type Judges } from './compare';
import { fieldSet } from './api-server';
import { cases, namespaceOf, onGround, refusedBase, withObjects, type Ground } from './ground';
import { isRecord, type Json, type JsonObject } from './json';
import { applyMutations, type Case } from './mutations';
import { difference, serversOpinion, verdictsOpinion, type Opinion } from './opinion';
import type { Size } from './size';

export function judgeClientSide(stage: Stage, { count, seed }: Size): Promise<string> {
  return onGround(stage, (ground) =>
    withObjects(
      ground,
      async (bases) => {
        const { code, stderr } = await stage.kubectl(['apply', '--filename=-'], {
          input: documents(bases.map(({ manifest }) => manifest)),
          allowFailure: true,
        });
        const [first] = bases;
        if (code !== 0 && first !== undefined) refusedBase(first, stderr);
      },
      async () => {
        const tally = new Tally();
        const judges = judgesOf(stage, ground);
        for (const batch of batches(cases(ground, { count, seed, update: true }))) {
          const opinions = await serversOpinions(stage, ground, batch);
          for (const [index, subject] of batch.entries()) {
            const next = applyMutations(subject);
            const verdict = verdictsOpinion(
              await ground.verdict.apply(subject.base.manifest, next),
            );
            const server = opinions[index];
            const alike = server !== undefined && difference(verdict, server) === undefined;
            // Among others an object may suffer from what another of the batch is: alone it does not.
            tally.count(
              subject,
              alike ? { verdict, server } : await judges.ask(subject, next),
              judges,
            );
          }
        }
        await tally.expectAgreement(seed);
        return `${tally.toString()}, seed ${seed}`;
      },
    ),
  );
}

function judgesOf(stage: Stage, ground: Ground): Judges {
  return {
    what: 'an update by kubectl apply',
    update: true,
    ask: async (subject, next) => {
      const judgement = await ground.verdict.apply(subject.base.manifest, next);
      const [server] = await serversOpinions(stage, ground, [subject]);
      if (server === undefined) throw new Error('kubectl gave no answer');
      return { verdict: verdictsOpinion(judgement), server };
    },
  };
}

/** Each object once in a batch, for answers name their object. */
export function batches(subjects: readonly Case[]): Case[][] {
  const made: Case[][] = [];
  const uses = new Map<string, number>();
  for (const subject of subjects) {
    const key = `${subject.base.type} ${subject.base.name}`;
    const index = uses.get(key) ?? 0;
    uses.set(key, index + 1);
    (made[index] ??= []).push(subject);
  }
  return made;
}

async function serversOpinions(
  stage: Stage,
  ground: Ground,
  batch: readonly Case[],
): Promise<Opinion[]> {
  const lives = await Promise.all(
    batch.map(async ({ base }) => {
      const live = await ground.server.get(base.manifest, base.name, namespaceOf(base, ground));
      return live.body;
    }),
  );
  const command = ['apply', '--dry-run=server', '--output=json', '--filename=-'];
  const { stdout, stderr } = await stage.kubectl(command, {
    input: documents(batch.map(applyMutations)),
    allowFailure: true,
  });
  const objects = stdout.trim() === '' ? [] : objectsOf(JSON.parse(stdout) as JsonObject);
  return batch.map(({ base }, index) => {
    const body = objects.find(
      ({ kind, metadata }) =>
        kind === base.manifest.kind && isRecord(metadata) && metadata.name === base.name,
    );
    if (body !== undefined)
      return serversOpinion({ accepted: true, code: 200, body }, lives[index]);
    return { accepted: false, fields: fieldsIn(stderr, base.name), said: stderr };
  });
}

function objectsOf(output: JsonObject): JsonObject[] {
  const items: Json[] =
    output.kind === 'List' && Array.isArray(output.items) ? output.items : [output];
  return items.filter(isRecord);
}

/** No List: of one, kubectl validates the items itself, by schemas that are stricter than the API server. */
function documents(items: readonly JsonObject[]): string {
  return items.map((item) => JSON.stringify(item)).join('\n---\n');
}

const MISTAKE =
  /^(?:\* )?(\S+): (?:Required value|Invalid value|Forbidden|Unsupported value|Duplicate value|Not found|Too long|Too many|Internal error)/;

/** A message may go on in further lines: a difference of specs. */
const NEXT_OBJECT = /^(?:The |Error |error: )/;

/** The fields that kubectl names of an invalid object; undefined where it names none. */
export function fieldsIn(stderr: string, name: string): string[] | undefined {
  const begin = `"${name}" is invalid: `;
  const at = stderr.indexOf(begin);
  if (at < 0) return undefined;
  const [first = '', ...rest] = stderr.slice(at + begin.length).split('\n');
  const end = rest.findIndex((line) => NEXT_OBJECT.test(line));
  const listed = first === '' ? rest.slice(0, end < 0 ? undefined : end) : [];
  const fields = [first, ...listed].flatMap((line) => MISTAKE.exec(line)?.[1] ?? []);
  return fields.length === 0 ? undefined : fieldSet(fields);
}
