/** Characters that a value may have. */
const LONGEST = 60;
/** Characters in front of the first that differs. */
const CONTEXT = 12;

/** A value as YAML would have it on one line. */
export function written(value: unknown): string {
  if (typeof value === 'string') {
    return /^[\w./:@%+-]+$/.test(value) && !/^[\d.+-]+$/.test(value)
      ? value
      : JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(written).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).map(([key, inner]) => `${key}: ${written(inner)}`);
    return `{${members.join(', ')}}`;
  }
  return String(value);
}

/** Its beginning, where it is long. */
export function cut(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}…`;
}

/** Both cut so that what differs is seen. */
export function cutAlike(a: string, b: string): [string, string] {
  let same = 0;
  while (same < a.length && a[same] === b[same]) same++;
  const from = Math.max(a.length, b.length) <= LONGEST || same < LONGEST / 2 ? 0 : same - CONTEXT;
  const part = (text: string): string => `${from > 0 ? '…' : ''}${cut(text.slice(from))}`;
  return [part(a), part(b)];
}
