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

const LONGEST = 120;

/** A value of a field as one line of text, cut where it is long. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined) return '(none)';
  const text =
    typeof value === 'string' && value !== '' && !/[\s"']/.test(value) ? value : json(value);
  return text.length <= LONGEST ? text : `${wellFormed(text.slice(0, LONGEST - 1))}…`;
}

function json(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'bigint' ? Number(inner) : inner,
  );
}
