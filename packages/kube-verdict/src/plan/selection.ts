import type { Fields } from './read';
import { textsAt, valueAt } from './read';

/** What selects, in a namespace. Null selects nothing. */
export interface Selecting {
  readonly namespace: string | null;
  readonly selector: Fields | null;
}

/** What may be selected. */
export interface Labelled {
  readonly namespace: string | null;
  readonly labels: Readonly<Record<string, string>>;
}

/** Asks the module. */
export type Ask = (request: object) => Promise<unknown>;

/** Pairs that one request asks for. */
const CHUNK = 10_000;

/**
 * Which of the labelled each selector matches, by position, as Kubernetes' own matching says. Only
 * what could match is asked for: the same namespace, and at least the label that is rarest there.
 * What is alike is asked for once, and alike selectors have the same array.
 */
export async function select(
  ask: Ask,
  selectors: readonly Selecting[],
  labelled: readonly Labelled[],
): Promise<(readonly number[])[]> {
  const selecting = new Alike(selectors, ({ namespace, selector }) => [namespace, selector]);
  const labels = new Alike(labelled, ({ namespace, labels: of }) => [namespace, of]);
  const index = new LabelIndex(labels.values);
  const pairs = selecting.values.flatMap((one, s) =>
    index.candidates(one).map((l): [number, number] => [s, l]),
  );
  const matched = selecting.values.map((): number[] => []);
  for (let from = 0; from < pairs.length; from += CHUNK) {
    const chunk = pairs.slice(from, from + CHUNK);
    const selectorsOfChunk = new Positions<Fields | null>();
    const labelsOfChunk = new Positions<Readonly<Record<string, string>>>();
    const answer = await ask({
      op: 'select',
      pairs: chunk.map(([s, l]) => [
        selectorsOfChunk.of(s, selecting.values[s]?.selector ?? null),
        labelsOfChunk.of(l, labels.values[l]?.labels ?? {}),
      ]),
      selectors: selectorsOfChunk.values,
      labels: labelsOfChunk.values,
    });
    const matches = valueAt(answer, 'matches');
    if (!Array.isArray(matches) || matches.length !== chunk.length) {
      throw new Error('the module does not say which selectors match');
    }
    chunk.forEach(([s, l], i) => {
      if (matches[i] === true) matched[s]?.push(...(labels.positions[l] ?? []));
    });
  }
  const found: (readonly number[])[] = selectors.map(() => []);
  selecting.positions.forEach((positions, s) => {
    const of = matched[s]?.sort((a, b) => a - b) ?? [];
    for (const position of positions) found[position] = of;
  });
  return found;
}

/** Each value that differs from those before it, and where there are values like it. */
class Alike<T> {
  readonly values: T[] = [];
  readonly positions: number[][] = [];

  constructor(all: readonly T[], keyOf: (value: T) => unknown) {
    const known = new Map<string, number[]>();
    all.forEach((value, i) => {
      const key = JSON.stringify(keyOf(value));
      const positions = known.get(key);
      if (positions !== undefined) {
        positions.push(i);
        return;
      }
      const first = [i];
      known.set(key, first);
      this.values.push(value);
      this.positions.push(first);
    });
  }
}

/** Values in the order in which they were first asked for. */
class Positions<T> {
  readonly values: T[] = [];
  private readonly known = new Map<number, number>();

  of(key: number, value: T): number {
    let position = this.known.get(key);
    if (position === undefined) {
      position = this.values.push(value) - 1;
      this.known.set(key, position);
    }
    return position;
  }
}

class LabelIndex {
  /** By namespace; then by label, and all under an empty text. */
  private readonly index = new Map<string | null, Map<string, number[]>>();

  constructor(labelled: readonly Labelled[]) {
    labelled.forEach(({ namespace, labels }, i) => {
      let byLabel = this.index.get(namespace);
      if (byLabel === undefined) this.index.set(namespace, (byLabel = new Map<string, number[]>()));
      const entries = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
      for (const entry of ['', ...entries]) {
        const known = byLabel.get(entry);
        if (known === undefined) byLabel.set(entry, [i]);
        else known.push(i);
      }
    });
  }

  candidates({ namespace, selector }: Selecting): readonly number[] {
    const byLabel = this.index.get(namespace);
    if (selector === null || byLabel === undefined) return [];
    let fewest = byLabel.get('') ?? [];
    for (const [key, value] of Object.entries(textsAt(selector, 'matchLabels'))) {
      const found = byLabel.get(`${key}=${value}`) ?? [];
      if (found.length < fewest.length) fewest = found;
    }
    return fewest;
  }
}
