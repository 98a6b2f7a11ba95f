/** Rules for props: types hold them as they are written, and these what JSON, a cast or JavaScript gives. */
import { Duration, Size } from 'cdk8s';
import type { FieldError } from './validation';

/** What is wrong with the value of a field; nothing if it is accepted. */
export type Rule = (field: string, value: unknown) => FieldError[];

/** A rule for each prop: one that is forgotten does not compile. */
export type Rules<Props> = { readonly [Prop in keyof Required<Props>]: Rule };

/** A rule by which `accepts` tells what is right. */
export function rule(accepts: (value: unknown) => boolean, must: string, fix: string): Rule {
  return (field, value) =>
    accepts(value) ? [] : [{ field, rule: `must ${must}`, received: value, fix }];
}

/** May be left out. */
export function optional(of: Rule): Rule {
  return (field, value) => (value === undefined ? [] : of(field, value));
}

export function text(pattern: RegExp, must: string, fix: string): Rule {
  return rule((value) => typeof value === 'string' && pattern.test(value), must, fix);
}

export function integer(least: number, most: number, fix: string, why = ''): Rule {
  return rule(
    (value) => Number.isInteger(value) && Number(value) >= least && Number(value) <= most,
    `be an integer from ${least} to ${most}${why}`,
    fix,
  );
}

export const boolean = rule((value) => typeof value === 'boolean', 'be true or false', 'use one');

/** One of these words. */
export function choice(...words: readonly string[]): Rule {
  return rule(
    (value) => words.includes(value as string),
    `be one of ${words.map((word) => JSON.stringify(word)).join(', ')}`,
    'use one of those',
  );
}

/** Whole seconds, as Kubernetes counts them. */
export function duration(least: number, fix: string): Rule {
  return rule(
    (value) => {
      if (!(value instanceof Duration)) return false;
      const seconds = value.toMilliseconds() / 1000;
      return Number.isInteger(seconds) && seconds >= least && seconds <= DAY;
    },
    `be a Duration of whole seconds, from ${least} to ${DAY}`,
    fix,
  );
}

const DAY = 24 * 3600;

/** An amount of memory or disk, in whole KiB. */
export function size(leastMebibytes: number, fix: string, why = ''): Rule {
  return (field, value) => {
    if (value instanceof Size) {
      const kibibytes = kibibytesOf(value);
      if (Number.isInteger(kibibytes) && kibibytes >= leastMebibytes * 1024) return [];
      const must = Number.isInteger(kibibytes)
        ? `be ${leastMebibytes} MiB or more${why}`
        : 'be whole KiB';
      return [{ field, rule: `must ${must}`, received: value, fix }];
    }
    return [{ field, rule: 'must be a Size', received: value, fix }];
  };
}

function kibibytesOf(value: Size): number {
  try {
    return value.toKibibytes();
  } catch {
    return NaN;
  }
}

/** An object with these props and no others. */
export function object<Props>(rules: Rules<Props>, fix: string): Rule {
  const known = Object.entries<Rule>(rules);
  const names = known.map(([name]) => name);
  return (field, value) => {
    if (!isPlain(value)) return [notPlain(field, value, fix)];
    return [
      ...known.flatMap(([name, of]) => of(within(field, name), value[name])),
      ...Object.entries(value)
        .filter(([name, given]) => !names.includes(name) && given !== undefined)
        .map(([name, given]) => ({
          field: within(field, name),
          rule: `must be one of the props ${names.join(', ')}`,
          received: given,
          fix: 'rename or remove it',
        })),
    ];
  };
}

/** One of several objects, which its `kind` tells apart. */
export function variant(variants: Readonly<Record<string, Rule>>, fix: string): Rule {
  const kinds = choice(...Object.keys(variants));
  return (field, value) => {
    if (!isPlain(value)) return [notPlain(field, value, fix)];
    const { kind, ...props } = value;
    const errors = kinds(`${field}.kind`, kind);
    return errors.length > 0 ? errors : (variants[kind as string]?.(field, props) ?? []);
  };
}

/** An object whose keys are the author's. */
export function record(of: (field: string, name: string, value: unknown) => FieldError[]): Rule {
  return (field, value) =>
    isPlain(value)
      ? Object.entries(value).flatMap(([name, given]) => of(within(field, name), name, given))
      : [notPlain(field, value, 'write it as { NAME: … }')];
}

export function list(of: Rule): Rule {
  return (field, value) =>
    Array.isArray(value)
      ? value.flatMap((item: unknown, index) => of(`${field}[${index}]`, item))
      : [{ field, rule: 'must be a list', received: value, fix: 'put it in brackets' }];
}

/** `probes.live`; names that nobody would write so stand in quotes. */
function within(field: string, name: string): string {
  if (!/^[\w-]+$/.test(name)) return `${field}[${JSON.stringify(name)}]`;
  return field === '' ? name : `${field}.${name}`;
}

/** An object as it is written in braces. */
function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function notPlain(field: string, received: unknown, fix: string): FieldError {
  return { field: field === '' ? 'props' : field, rule: 'must be an object', received, fix };
}
