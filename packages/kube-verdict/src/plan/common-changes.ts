import { toJson } from '../verdict/to-json';
import type { JudgedPair } from './judged-pairs';
import type { CommonChange, FieldChange } from './plan-types';

/** So many objects make a change that is alike on them a change of its own. */
const MANY = 3;

/** What changed alike on several objects, and what is left of each object's own. */
export function commonChanges(pairs: readonly JudgedPair[]): {
  readonly common: readonly CommonChange[];
  readonly own: ReadonlyMap<string, readonly FieldChange[]>;
} {
  const groups = new Map<string, { change: FieldChange; objects: string[] }>();
  for (const { id, fields, accepted } of pairs) {
    if (accepted === false) continue;
    for (const change of fields) {
      if (change.hidden) continue;
      const key = keyOf(change);
      const group = groups.get(key);
      if (group === undefined) groups.set(key, { change, objects: [id] });
      else group.objects.push(id);
    }
  }
  const shared = new Map([...groups].filter(([, { objects }]) => objects.length >= MANY));
  const own = new Map(
    pairs.map(({ id, fields, accepted }) => [
      id,
      accepted === false
        ? fields
        : fields.filter((change) => change.hidden || !shared.has(keyOf(change))),
    ]),
  );
  const common = [...shared.values()]
    .map(({ change: { path, old, new: now }, objects }) => ({ path, old, new: now, objects }))
    .sort((a, b) => b.objects.length - a.objects.length);
  return { common, own };
}

function keyOf({ path, old, new: now }: FieldChange): string {
  return toJson([path, old, now]);
}
