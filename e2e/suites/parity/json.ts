/** JSON values and places in them. */
export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}
/** Keys and indices from the root. */
export type Path = readonly (string | number)[];

export function isRecord(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function valueAt(root: Json, path: Path): Json | undefined {
  let value: Json | undefined = root;
  for (const step of path) {
    if (Array.isArray(value) && typeof step === 'number') value = value[step];
    else if (isRecord(value) && typeof step === 'string') value = value[step];
    else return undefined;
  }
  return value;
}

/** A copy with `value` at `path`, removed there when undefined; as it was, where the path's parent is not there. */
export function setAt(root: JsonObject, path: Path, value: Json | undefined): JsonObject {
  const copy = structuredClone(root);
  const parent = valueAt(copy, path.slice(0, -1));
  const key = path.at(-1);
  if (Array.isArray(parent) && typeof key === 'number' && key < parent.length) {
    if (value === undefined) parent.splice(key, 1);
    else parent[key] = structuredClone(value);
  } else if (isRecord(parent) && typeof key === 'string') {
    if (value === undefined) Reflect.deleteProperty(parent, key);
    else parent[key] = structuredClone(value);
  }
  return copy;
}

/** Every place below the root, and what stands there. */
export function places(value: Json, path: Path = []): { path: Path; value: Json }[] {
  const children: [string | number, Json][] = Array.isArray(value)
    ? value.map((child, index) => [index, child])
    : isRecord(value)
      ? Object.entries(value)
      : [];
  return children.flatMap(([key, child]) => [
    { path: [...path, key], value: child },
    ...places(child, [...path, key]),
  ]);
}

/** A string as it is, anything else as JSON. */
export function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}
