import { toJson } from '../verdict/to-json';
import type { FieldChange } from './plan-types';
import { type Fields, fieldsOf } from './read';
import { LAST_APPLIED } from './server-fields';

/** What tells the items of a list apart, the first that all items have. */
const KEYS: readonly (readonly string[])[] = [
  ['name'],
  ['mountPath'],
  ['containerPort', 'protocol'],
  ['port', 'protocol'],
  ['key'],
  ['host'],
  ['path'],
  ['ip'],
  ['topologyKey', 'whenUnsatisfiable'],
  ['type'],
];

/** The fields of a Secret whose values are nobody's business. */
const SECRET_FIELDS = new Set(['data', 'stringData']);

/**
 * The fields at which two objects differ: as deep as both have the same shape, list items by
 * what tells them apart. An empty object or list is as good as none. Values of Secrets are hidden.
 */
export function changedFields(before: unknown, after: unknown, kind: string): FieldChange[] {
  const changes: FieldChange[] = [];
  const hidden = (path: readonly string[]): boolean =>
    kind === 'Secret' && path[0] !== undefined && SECRET_FIELDS.has(path[0]);

  const compare = (path: readonly string[], text: string, old: unknown, now: unknown): void => {
    if (isEmpty(old) && isEmpty(now)) return;
    const keys = path.length === 1 && hidden(path);
    if (keys && [old, now].every((side) => isPlain(side) || isEmpty(side))) {
      // A Secret is told key by key, also where it has none on one side.
      compareObjects(path, text, fieldsOf(old), fieldsOf(now));
    } else if (isPlain(old) && isPlain(now)) {
      compareObjects(path, text, old, now);
    } else if (!Array.isArray(old) || !Array.isArray(now) || !compareLists(path, text, old, now)) {
      if (same(old, now)) return;
      const secret = hidden(path);
      changes.push({
        path: text,
        old: secret ? presence(old) : (old ?? null),
        new: secret ? presence(now) : (now ?? null),
        hidden: secret,
      });
    }
  };
  const compareObjects = (
    path: readonly string[],
    text: string,
    old: Fields,
    now: Fields,
  ): void => {
    const names = new Set([...Object.keys(old), ...Object.keys(now)]);
    for (const name of [...names].sort()) {
      if (name === LAST_APPLIED) continue;
      const values = [old, now].map((side) => (Object.hasOwn(side, name) ? side[name] : undefined));
      compare([...path, name], childPath(text, name), values[0], values[1]);
    }
  };
  const compareLists = (
    path: readonly string[],
    text: string,
    old: readonly unknown[],
    now: readonly unknown[],
  ): boolean => {
    const key = keyOf([old, now]);
    if (key === undefined) {
      if (old.length !== now.length) return compareItems(path, text, old, now);
      old.forEach((item, i) => {
        compare([...path, `${i}`], `${text}[${i}]`, item, now[i]);
      });
      return true;
    }
    const items = [old, now].map((side) => new Map(side.map((item) => [keyText(item, key), item])));
    const [was, is] = items;
    for (const name of new Set(items.flatMap((side) => [...side.keys()]))) {
      compare([...path, name], `${text}[${name}]`, was?.get(name), is?.get(name));
    }
    const orders = items.map((side, i) =>
      [...side.keys()].filter((name) => items[1 - i]?.has(name)),
    );
    if (!same(orders[0], orders[1])) {
      changes.push({ path: `${text} (order)`, old: orders[0], new: orders[1], hidden: false });
    }
    return true;
  };
  /** Items that one list has and the other has not, such as rules of a role; false where they share none. */
  const compareItems = (
    path: readonly string[],
    text: string,
    old: readonly unknown[],
    now: readonly unknown[],
  ): boolean => {
    if (![...old, ...now].every(isPlain)) return false;
    const [gone, come] = [without(old, now), without(now, old)];
    if (gone.size === old.length) return false;
    for (const i of [...new Set([...gone.keys(), ...come.keys()])].sort((a, b) => a - b)) {
      compare([...path, `${i}`], `${text}[${i}]`, gone.get(i), come.get(i));
    }
    return true;
  };
  compareObjects([], '', fieldsOf(before), fieldsOf(after));
  // The API server keeps serviceAccountName under its old name as well.
  const paths = new Set(changes.map(({ path }) => path));
  return changes.filter(
    ({ path }) => !path.endsWith('spec.serviceAccount') || !paths.has(`${path}Name`),
  );
}

/** The items of a list, by position, that are not among others; each of those counts once. */
function without(items: readonly unknown[], others: readonly unknown[]): Map<number, unknown> {
  const counts = new Map<string, number>();
  for (const other of others) {
    const key = toJson(other);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return new Map(
    [...items.entries()].filter(([, item]) => {
      const key = toJson(item);
      const left = counts.get(key) ?? 0;
      counts.set(key, left - 1);
      return left <= 0;
    }),
  );
}

function childPath(path: string, name: string): string {
  const free =
    /(?:^|\.)(?:labels|annotations|data|stringData|binaryData|matchLabels|nodeSelector)$/;
  if (free.test(path) || !/^[\w$-]+$/.test(name)) return `${path}[${name}]`;
  return path === '' ? name : `${path}.${name}`;
}

function keyOf(sides: readonly (readonly unknown[])[]): readonly string[] | undefined {
  return KEYS.find((key) =>
    sides.every((items) => {
      if (!items.every((item) => isScalar(fieldsOf(item)[key[0] ?? '']))) return false;
      return new Set(items.map((item) => keyText(item, key))).size === items.length;
    }),
  );
}

function keyText(item: unknown, key: readonly string[]): string {
  const values = key.map((name) => fieldsOf(item)[name]).filter(isScalar);
  return values.map(String).join('/');
}

function isScalar(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}

function isPlain(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

function presence(value: unknown): true | null {
  return value === undefined || value === null ? null : true;
}

/** Whether two JSON values are the same. */
export function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && same((a as Fields)[key], (b as Fields)[key]));
}
