/** A manifest may hold anything anywhere: these read what is there and nothing else. */

export type Fields = Readonly<Record<string, unknown>>;

const NOTHING: Fields = Object.freeze({});

/** The value as an object; an empty one where it is none. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : NOTHING;
}

/** The value at a path of names, if every part of the path is there. */
export function valueAt(value: unknown, ...names: readonly string[]): unknown {
  let found = value;
  for (const name of names) {
    const fields = fieldsOf(found);
    found = Object.hasOwn(fields, name) ? fields[name] : undefined;
  }
  return found;
}

export function fieldsAt(value: unknown, ...names: readonly string[]): Fields {
  return fieldsOf(valueAt(value, ...names));
}

/** The objects of the list at a path. */
export function listAt(value: unknown, ...names: readonly string[]): readonly Fields[] {
  const list = valueAt(value, ...names);
  return Array.isArray(list) ? list.map(fieldsOf) : [];
}

/** The text at a path; empty where there is none. */
export function textAt(value: unknown, ...names: readonly string[]): string {
  const text = valueAt(value, ...names);
  return typeof text === 'string' ? text : '';
}

export function numberAt(value: unknown, ...names: readonly string[]): number | undefined {
  const number = valueAt(value, ...names);
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/** The entries of the object at a path whose values are texts, such as labels. */
export function textsAt(value: unknown, ...names: readonly string[]): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [key, text] of Object.entries(fieldsAt(value, ...names))) {
    if (typeof text === 'string')
      Object.defineProperty(texts, key, { value: text, enumerable: true });
  }
  return texts;
}
