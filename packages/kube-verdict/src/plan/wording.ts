import { toJson } from '../verdict/to-json';
import { wellFormed } from './object-id';
import type { Room } from './plan-types';

/** `1 Pod`, `2 Pods`. */
export function counted(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

/** `A, B and C`; of many the first few and how many more. */
export function listed(names: readonly string[], most = names.length): string {
  const shown =
    names.length <= most + 1 ? names : [...names.slice(0, most), `${names.length - most} more`];
  if (shown.length <= 1) return shown.join('');
  return `${shown.slice(0, -1).join(', ')} and ${shown.at(-1) ?? ''}`;
}

/** `40 s`, `10 min`, `1 min 33 s`, `2 h`. */
export function duration(seconds: number): string {
  const parts: [number, string][] = [
    [Math.floor(seconds / 3600), 'h'],
    [Math.floor((seconds % 3600) / 60), 'min'],
    [seconds % 60, 's'],
  ];
  const shown = parts.filter(([n]) => n > 0).slice(0, 2);
  return shown.length === 0 ? '0 s' : shown.map(([n, unit]) => `${n} ${unit}`).join(' ');
}

/** `250m cpu and 64Mi memory`; empty for nothing. */
export function resources(amounts: Readonly<Record<string, string>>): string {
  return listed(
    Object.keys(amounts)
      .sort()
      .map((name) => `${amounts[name] ?? ''} ${name}`),
  );
}

/** What has to be free, for a while or from then on. */
export function roomFor({ pods, requests, limits }: Room, meanwhile: boolean): string {
  const parts = [
    ...(Object.keys(requests).length > 0 ? [`requests ${resources(requests)}`] : []),
    ...(Object.keys(limits).length > 0 ? [`limits ${resources(limits)}`] : []),
  ];
  const what = pods > 0 ? counted(pods, 'more Pod') : 'larger Pods';
  return `${what}${meanwhile ? ' meanwhile' : ''}${parts.length > 0 ? `: ${parts.join(', ')}` : ', which request nothing'}`;
}

/**
 * A path as it is shown: of the schema of a CustomResourceDefinition, the field that it describes.
 * `spec.versions[v1].schema.openAPIV3Schema.properties.spec.properties.size.minimum` is
 * `schema of v1: spec.size.minimum`.
 */
export function pathText(path: string): string {
  const [all = '', version = ''] =
    /^spec\.versions\[([^\]]*)\]\.schema\.openAPIV3Schema\./.exec(path) ?? [];
  if (all === '') return path;
  return `schema of ${version}: ${path.slice(all.length).replace(/(^|\.)properties\./g, '$1')}`;
}

const LONGEST = 120;

/** Characters that are shown before a difference of long texts, and after it. */
const AROUND = 24;

/** A value of a field as one line of text, cut where it is long. */
export function valueText(value: unknown, longest = LONGEST): string {
  return cut(wholeText(value), longest);
}

/** Two values as one line of text each; of long ones what differs, and a little around it. */
export function valueTexts(
  old: unknown,
  now: unknown,
  longest = LONGEST,
): [old: string, now: string] {
  const [a, b] = [wholeText(old), wholeText(now)];
  if (Math.max(a.length, b.length) <= longest) return [a, b];
  const most = Math.min(a.length, b.length);
  let head = 0;
  while (head < most && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < most - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++;
  const from = Math.max(head - AROUND, 0);
  const shown = (text: string): string => {
    const to = Math.min(text.length - tail + AROUND, text.length);
    const before = from === 0 ? '' : '…';
    const after = to === text.length ? '' : '…';
    return cut(`${before}${wellFormed(text.slice(from, to))}${after}`, longest);
  };
  return [shown(a), shown(b)];
}

function wholeText(value: unknown): string {
  if (value === null || value === undefined) return '(none)';
  return typeof value === 'string' && value !== '' && !/[\s"']/.test(value) ? value : toJson(value);
}

function cut(text: string, longest: number): string {
  return text.length <= longest ? text : `${wellFormed(text.slice(0, longest - 1))}…`;
}
