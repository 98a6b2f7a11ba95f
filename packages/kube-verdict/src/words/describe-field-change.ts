import type { FieldChange } from '../verdict/judgement';

/** Characters that a value may have. */
const LONGEST = 60;
/** Characters in front of the first that differs. */
const CONTEXT = 12;

/** `spec.replicas: 3 → 5`, `metadata.labels[tier]: added front`; long values are cut. */
export function describeFieldChange(change: FieldChange): string {
  const { field, old, new: next, hidden } = change;
  if (hidden !== undefined) return `${field}: ${hidden}`;
  if (old === undefined) return `${field}: added ${cut(written(next))}`;
  if (next === undefined) return `${field}: removed ${cut(written(old))}`;
  const [before, after] = cutAlike(written(old), written(next));
  return `${field}: ${before} → ${after}`;
}

/** A value as YAML would have it on one line. */
function written(value: unknown): string {
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

function cut(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}…`;
}

/** Both cut so that what differs is seen. */
function cutAlike(a: string, b: string): [string, string] {
  let same = 0;
  while (same < a.length && a[same] === b[same]) same++;
  const from = Math.max(a.length, b.length) <= LONGEST || same < LONGEST / 2 ? 0 : same - CONTEXT;
  const part = (text: string): string => `${from > 0 ? '…' : ''}${cut(text.slice(from))}`;
  return [part(a), part(b)];
}
