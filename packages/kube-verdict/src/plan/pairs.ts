import type { PairingRules } from '../pairing/pair';
import { toJson } from '../verdict/to-json';
import { type Member, type Side, sidesOf } from './side';
import { successorsOf } from './successors';

/** An object of both sides, or of one. */
export interface Pair {
  /** Of the new side, where there is one. */
  readonly id: string;
  readonly old: Side | undefined;
  readonly new: Side | undefined;
}

/**
 * Pairs the objects of two sets by group, kind, namespace and name. A ConfigMap or Secret whose
 * name carries a content hash is paired with its successor, where workloads moved from one to the
 * other. Of an object that is given twice the last one counts, as for an apply of the set.
 */
export function pairsOf(
  old: readonly Member[],
  now: readonly Member[],
  rules: PairingRules,
): Pair[] {
  const sides = [old, now].map((set) => sidesOf(set, rules));
  const [before = new Map<string, Side>(), after = new Map<string, Side>()] = sides;
  const successors = successorsOf(before, after);
  const pairs: Pair[] = [];
  const succeeded = new Set<string>();
  for (const [id, side] of after) {
    const predecessor = successors.get(id);
    if (predecessor !== undefined) succeeded.add(predecessor);
    pairs.push({ id, old: before.get(predecessor ?? id), new: side });
  }
  for (const [id, side] of before) {
    if (!after.has(id) && !succeeded.has(id)) pairs.push({ id, old: side, new: undefined });
  }
  return pairs;
}

/** Whether the two sides were written by the same text, or as good as. */
export function isSameText(pair: Pair): boolean {
  return (
    pair.old !== undefined &&
    pair.new !== undefined &&
    pair.old.live === undefined &&
    pair.new.live === undefined &&
    (pair.old.object === pair.new.object ||
      (pair.old.digest !== undefined && pair.old.digest === pair.new.digest) ||
      toJson(pair.old.object) === toJson(pair.new.object))
  );
}
