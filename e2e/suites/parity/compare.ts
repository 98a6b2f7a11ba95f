/** Many cases judged twice, counted, and the first that differs made small. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { CheckFailure } from '../../harness/check';
import { ROOT } from '../../harness/root';
import { places, type JsonObject } from './json';
import { KNOWN_SHARE, knownDifference } from './known-differences';
import { applyMutations, type Case, type Mutation } from './mutations';
import { difference, type Answer } from './answer';

const REPORTS = join(ROOT, 'reports');
/** Cases that are being judged at a time. */
const AT_A_TIME = 16;
/** Of all cases of a check, at least: refused objects alone are no comparison. */
const ACCEPTED_SHARE = 0.4;
/** Disagreements that are made small and written out; the rest are counted. */
const SHOWN = 5;

export interface Answers {
  readonly verdict: Answer;
  readonly server: Answer;
  /** The object before an update. */
  readonly live?: JsonObject;
}

export interface Judges {
  /** Of its files: `creates`. */
  readonly name: string;
  /** As in `an update by server-side apply`. */
  readonly what: string;
  /** Both answers to one case. */
  readonly ask: (subject: Case, next: JsonObject) => Promise<Answers>;
  /** Whether the base is what went before, and is to be shown with a case that differs. */
  readonly update: boolean;
}

export class Tally {
  cases = 0;
  accepted = 0;
  /** Refused ones of which the API server named the fields. */
  named = 0;
  readonly known = new Map<string, number>();
  readonly types = new Map<string, number>();
  readonly different: { readonly subject: Case; readonly judges: Judges }[] = [];

  /** Counts a case. */
  count(subject: Case, answers: Answers, judges: Judges): void {
    const { verdict, server } = answers;
    const { type } = subject.base;
    this.cases += 1;
    this.types.set(type, (this.types.get(type) ?? 0) + 1);
    if (server.accepted === true) this.accepted += 1;
    if (server.fields !== undefined) this.named += 1;
    if (difference(verdict, server) === undefined) return;
    const known = knownDifference(applyMutations(subject), verdict, server);
    if (known === undefined) this.different.push({ subject, judges });
    else {
      const text = `${known.field}: ${known.reason}`;
      this.known.set(text, (this.known.get(text) ?? 0) + 1);
    }
  }

  /** `6000 cases of 34 kinds (at least 176 each), 52.1 % accepted, 100 % agree`. */
  toString(): string {
    const knownCount = this.knownCount();
    const agree = this.cases - this.different.length - knownCount;
    const known = [...this.known].map(([text, count]) => `${count} × ${text}`).join(', ');
    return (
      `${this.cases} cases of ${this.types.size} kinds (at least ${Math.min(...this.types.values())} each), ` +
      `${percent(this.accepted, this.cases)} accepted, ${this.named} refused by field, ${percent(agree, this.cases)} agree` +
      (knownCount > 0 ? `, known differences ${percent(knownCount, this.cases)} (${known})` : '')
    );
  }

  /** @throws {CheckFailure} with the smallest cases that differ, which are written to `reports`. */
  async expectAgreement(seed: number): Promise<void> {
    if (this.different.length > 0) {
      const shown = await Promise.all(
        this.different.slice(0, SHOWN).map(async ({ subject, judges }, index) => {
          const small = await shrink(subject, judges);
          return show(small, judges, index + 1, await judges.ask(small, applyMutations(small)));
        }),
      );
      throw new CheckFailure(
        `${this.toString()}; ${this.different.length} differ (--seed ${seed}):\n${shown.join('\n')}`,
      );
    }
    if (this.accepted < this.cases * ACCEPTED_SHARE)
      throw new CheckFailure(
        `at least 40 % must be accepted, or little is compared: ${this.toString()}`,
      );
    if (this.knownCount() > this.cases * KNOWN_SHARE)
      throw new CheckFailure(`known differences must stay under 0.5 %: ${this.toString()}`);
  }

  private knownCount(): number {
    return [...this.known.values()].reduce((sum, count) => sum + count, 0);
  }
}

export function percent(part: number, whole: number): string {
  return `${whole === 0 ? 0 : Math.floor((part / whole) * 10_000) / 100} %`;
}

/** Judges all cases, some at a time. */
export async function judgeAll(
  subjects: readonly Case[],
  judges: Judges,
  tally: Tally,
): Promise<void> {
  const queue = subjects.values();
  const work = async () => {
    for (const subject of queue) {
      tally.count(subject, await judges.ask(subject, applyMutations(subject)), judges);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
}

/** Drops mutations, then of a new object fields, as long as the answers still differ. */
export async function shrink(subject: Case, judges: Judges): Promise<Case> {
  const fewer = await firstThatDiffers(smallerCases(subject, judges.update), judges);
  return fewer === undefined ? subject : shrink(fewer, judges);
}

/** The mutations come first: what an object holds beside them is mostly harmless. */
function smallerCases(subject: Case, update: boolean): Case[] {
  const withMutations = (mutations: readonly Mutation[]): Case => ({ ...subject, mutations });
  const { mutations } = subject;
  const dropped = mutations
    // A removed field would come back.
    .filter(({ value }) => update || value !== undefined)
    .map((one) => withMutations(mutations.filter((other) => other !== one)));
  if (update) return dropped;
  const removed = places(applyMutations(subject))
    .filter(({ path: [first] }) => first !== 'apiVersion' && first !== 'kind')
    .map(({ path }) => withMutations([...mutations, { path, value: undefined }]));
  return [...dropped, ...removed];
}

async function firstThatDiffers(
  subjects: readonly Case[],
  { ask }: Judges,
): Promise<Case | undefined> {
  for (const subject of subjects) {
    const next = applyMutations(subject);
    const { verdict, server } = await ask(subject, next);
    const differs = difference(verdict, server) !== undefined;
    if (differs && knownDifference(next, verdict, server) === undefined) return subject;
  }
  return undefined;
}

function show(
  small: Case,
  { name, what, update }: Judges,
  index: number,
  answers: Answers,
): string {
  const { verdict, server, live } = answers;
  const write = (part: string, manifest: JsonObject) => {
    const file = `parity-${name}-${index}-${part}.yaml`;
    mkdirSync(REPORTS, { recursive: true });
    writeFileSync(join(REPORTS, file), stringify(manifest, { version: '1.1' }));
    return `reports/${file}`;
  };
  const next = write('next', applyMutations(small));
  const files = [
    ...(update ? [write('previous', small.base.manifest)] : []),
    next,
    ...(small.live && live !== undefined ? [write('live', live)] : []),
  ];
  return [
    `${what} of ${small.base.type}, ${files.join(', ')}: ${difference(verdict, server) ?? 'alike when asked again'}`,
    ...(small.live ? ['verdict was given the live object'] : []),
    `mutations: ${JSON.stringify(small.mutations)}`,
    `verdict: ${verdict.said}`,
    `the API server: ${server.said}`,
  ].join('\n');
}
