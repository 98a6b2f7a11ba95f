import type { Action, FieldChange, ImageChange, Plan } from '../plan-types';
import type { Entry } from './entries';

/** So many objects of which the same is said have it said once. */
const MANY = 3;

/** Notes and warnings that several entries share, with how many do; and the entries without them. */
export function shared(entries: readonly Entry[]): {
  readonly entries: readonly Entry[];
  readonly said: ReadonlyMap<string, number>;
} {
  const counts = new Map<string, number>();
  for (const { object, findings } of entries) {
    const notes = findings.filter(({ level }) => level === 'note').map(({ message }) => message);
    for (const text of new Set([...notes, ...(object?.warnings ?? [])])) {
      counts.set(text, (counts.get(text) ?? 0) + 1);
    }
  }
  const said = new Map([...counts].filter(([, count]) => count >= MANY));
  return {
    said,
    entries: entries.map((entry): Entry => {
      const { object } = entry;
      const findings = entry.findings.filter(
        ({ level, message }) => level !== 'note' || !said.has(message),
      );
      if (object === undefined) return { ...entry, findings };
      const warnings = object.warnings.filter((text) => !said.has(text));
      return { ...entry, findings, object: { ...object, warnings } };
    }),
  };
}

/** What happens to objects of which there is nothing else to say. */
const PHRASES: Partial<Record<Action, string>> = {
  create: 'created',
  delete: 'deleted',
  'not-judged': 'created or changed, and not judged',
  none: 'the same in meaning',
  update: 'changed in place by what is alike',
};

/** The same of a group of them. */
export function phraseOf(action: Action, group: readonly Entry[]): string {
  const [first, ...others] = new Set(group.map(({ object }) => object?.summary.split(' ')[1]));
  if (action === 'not-judged' && first === 'created;' && others.length === 0)
    return 'created and not judged';
  return PHRASES[action] ?? action;
}

/** Entries of which there is nothing to say but what happens to them, when there are many. */
export function splitAlike(entries: readonly Entry[]): [Entry[], Map<Action, Entry[]>] {
  const alike = new Map<Action, Entry[]>();
  for (const entry of entries) {
    const { object, findings } = entry;
    if (
      object === undefined ||
      findings.length > 0 ||
      object.warnings.length > 0 ||
      object.details.length > 0
    )
      continue;
    // Whose Pods end is told of each.
    if (object.action === 'delete' && object.summary.includes(':')) continue;
    if (!(object.action in PHRASES) || object.fields.length > 0) continue;
    const known = alike.get(object.action);
    if (known === undefined) alike.set(object.action, [entry]);
    else known.push(entry);
  }
  for (const [action, group] of alike) {
    const changedAlike =
      action === 'update' && group.every(({ object }) => object?.summary === 'changes in place');
    if (group.length < 4 && !changedAlike) alike.delete(action);
  }
  const grouped = new Set([...alike.values()].flat());
  return [entries.filter((entry) => !grouped.has(entry)), alike];
}

/** An image that moves in one or more containers. */
export type ImageMove = Omit<ImageChange, 'container'> & { readonly containers: readonly string[] };

/** Containers whose image moves alike. */
export function imageMoves({ images }: Plan): ImageMove[] {
  const moves = new Map<string, ImageChange[]>();
  for (const image of images) {
    const key = JSON.stringify([image.old, image.new]);
    moves.set(key, [...(moves.get(key) ?? []), image]);
  }
  return [...moves.values()].flatMap((alike): ImageMove[] => {
    const [first] = alike;
    if (first === undefined) return [];
    const { old, new: now, moved, caution } = first;
    const objects = [...new Set(alike.flatMap((image) => image.objects))];
    const containers = alike.map(({ container }) => container);
    return [{ containers, old, new: now, moved, caution, objects }];
  });
}

/** Fields without those that describe others last, as a CustomResourceDefinition has by the hundred. */
export function tellingFirst<T extends Pick<FieldChange, 'path'>>(fields: readonly T[]): T[] {
  const isDescription = ({ path }: T): boolean => path.endsWith('.description');
  return [...fields].sort((a, b) => +isDescription(a) - +isDescription(b));
}
