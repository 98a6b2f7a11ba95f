/** Updates: verdict's `apply` beside `kubectl apply --dry-run=server`, many documents to a kubectl. */
import type { TestContext } from '../../harness/test-context';
import { fieldSet } from './api-server';
import { Tally, type Judges, type Answers } from './compare';
import {
  before,
  cases,
  withParity,
  refusedBase,
  withObjects,
  type Draw,
  type ParityContext,
} from './context';
import { isRecord, type Json, type JsonObject } from './json';
import { applyMutations, type Case } from './mutations';
import { difference, answerOfServer, answerOfVerdict, type Answer } from './answer';

/** Cases that verdict judges before kubectl gets them. */
const CHUNK = 400;
/** Chunks at a time: while kubectl works on one, verdict judges another. */
const AT_A_TIME = 2;
/**
 * By default kubectl parses the schema of a group anew for each document. Told not to use the newer schemas, it parses
 * the older ones once, and makes the same patch in a quarter of the time.
 */
const PARSE_ONCE = { KUBECTL_OPENAPIV3_PATCH: 'false' };

export function judgeClientSide(context: TestContext, draw: Draw): Promise<string> {
  const { count, seed } = draw;
  return withParity(context, draw, (parity) =>
    withObjects(
      parity,
      async (bases) => {
        const { code, stderr } = await context.kubectl(['apply', '--filename=-'], {
          input: documents(
            context,
            bases.map(({ manifest }) => manifest),
          ),
          allowFailure: true,
        });
        const [first] = bases;
        if (code !== 0 && first !== undefined) refusedBase(first, stderr);
      },
      async () => {
        const tally = new Tally();
        const queue = chunks(cases(parity, { count, seed, update: true }), CHUNK).entries();
        const work = async () => {
          for (const [index, chunk] of queue) {
            // That both make the same patch is seen on the first chunk.
            const env = index === 0 ? {} : PARSE_ONCE;
            await judgeChunk({ context, env }, parity, chunk, tally);
          }
        };
        await Promise.all(Array.from({ length: AT_A_TIME }, work));
        await tally.expectAgreement(seed);
        return `${tally.toString()}, seed ${seed}`;
      },
    ),
  );
}

/** What kubectl runs with. */
interface Kubectl {
  readonly context: TestContext;
  readonly env: NodeJS.ProcessEnv;
}

interface Question {
  readonly subject: Case;
  readonly next: JsonObject;
  readonly live: JsonObject;
  readonly verdict: Answer;
}

/**
 * What verdict accepts is given to kubectl in one go: it then prints all objects, or none when it refuses one. What
 * verdict refuses goes with each object once, for the error names its object.
 */
async function judgeChunk(
  kubectl: Kubectl,
  parity: ParityContext,
  chunk: readonly Case[],
  tally: Tally,
): Promise<void> {
  const questions = await Promise.all(chunk.map((subject) => question(parity, subject)));
  const isAccepted = ({ verdict }: Question) => verdict.accepted === true;
  const judges = judgesOf(kubectl, parity);
  const count = async (asked: readonly Question[], servers: readonly Answer[]) => {
    for (const [index, { subject, next, verdict }] of asked.entries()) {
      const server = servers[index];
      const alike = server !== undefined && difference(verdict, server) === undefined;
      // A controller may have written to the object meanwhile.
      const answers = alike ? { verdict, server } : await judges.ask(subject, next);
      tally.count(subject, answers, judges);
    }
  };
  const accepted = questions.filter(isAccepted);
  await count(accepted, await answersToAll(kubectl, accepted));
  for (const batch of batches(questions.filter((one) => !isAccepted(one)))) {
    await count(batch, await answersToEach(kubectl, batch));
  }
}

async function question(parity: ParityContext, subject: Case): Promise<Question> {
  const next = applyMutations(subject);
  const { live, options } = await before(parity, subject);
  const judgement = await parity.verdict.apply(subject.base.manifest, next, options);
  return { subject, next, live, verdict: answerOfVerdict(judgement) };
}

function judgesOf(kubectl: Kubectl, parity: ParityContext): Judges {
  return {
    name: 'client-side',
    what: 'an update by kubectl apply',
    update: true,
    ask: async (subject): Promise<Answers> => {
      const asked = await question(parity, subject);
      const [server] = await answersToAll(kubectl, [asked]);
      if (server === undefined) throw new Error('kubectl gave no answer');
      return { verdict: asked.verdict, server, live: asked.live };
    },
  };
}

function chunks<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, index) =>
    all.slice(index * size, (index + 1) * size),
  );
}

/** Each object once in a batch. */
export function batches<T extends { readonly subject: Case }>(all: readonly T[]): T[][] {
  const made: T[][] = [];
  const uses = new Map<string, number>();
  for (const one of all) {
    const { type, name } = one.subject.base;
    const index = uses.get(`${type} ${name}`) ?? 0;
    uses.set(`${type} ${name}`, index + 1);
    (made[index] ??= []).push(one);
  }
  return made;
}

/** Of documents that should all be accepted; where they are not, of ever fewer of them at a time. */
async function answersToAll(kubectl: Kubectl, asked: readonly Question[]): Promise<Answer[]> {
  const [first] = asked;
  if (first === undefined) return [];
  const { code, stdout, stderr } = await apply(kubectl, asked, '--output=json');
  if (code === 0) {
    const bodies = objectsOf(JSON.parse(stdout) as JsonObject);
    if (bodies.length !== asked.length)
      throw new Error(`kubectl printed ${bodies.length} objects for ${asked.length} documents`);
    return bodies.map((body, index) =>
      answerOfServer({ accepted: true, code: 200, body }, asked[index]?.live),
    );
  }
  if (asked.length === 1) return [refusedAnswer(stderr, first)];
  const half = Math.ceil(asked.length / 2);
  return [
    ...(await answersToAll(kubectl, asked.slice(0, half))),
    ...(await answersToAll(kubectl, asked.slice(half))),
  ];
}

/** Of documents that should all be refused. */
async function answersToEach(kubectl: Kubectl, asked: readonly Question[]): Promise<Answer[]> {
  const { stdout, stderr } = await apply(kubectl, asked);
  return asked.map((one) =>
    // `configmap/name configured (server dry run)`
    stdout.includes(`/${one.subject.base.name} `)
      ? { accepted: true, said: stdout }
      : refusedAnswer(stderr, one),
  );
}

function apply({ context, env }: Kubectl, asked: readonly Question[], ...flags: readonly string[]) {
  const input = documents(
    context,
    asked.map(({ next }) => next),
  );
  return context.kubectl(['apply', '--dry-run=server', '--filename=-', ...flags], {
    input,
    env,
    allowFailure: true,
  });
}

function refusedAnswer(stderr: string, { subject }: Question): Answer {
  return { accepted: false, fields: fieldsIn(stderr, subject.base.name), said: stderr };
}

function objectsOf(output: JsonObject): JsonObject[] {
  const items: Json[] =
    output.kind === 'List' && Array.isArray(output.items) ? output.items : [output];
  return items.filter(isRecord);
}

/** No List: of one, kubectl validates the items itself, by schemas that are stricter than the API server. */
function documents(context: TestContext, items: readonly JsonObject[]): string {
  return items.map((item) => JSON.stringify(context.withFault(item))).join('\n---\n');
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
