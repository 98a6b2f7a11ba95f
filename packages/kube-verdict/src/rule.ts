import { cut, written } from './words/written';

/**
 * What an argument or an option takes, as the object of "takes", where a value is not that;
 * undefined where it is. Values may come from where types are not held to.
 */
export type Rule<O = object> = (value: unknown, options: O) => string | undefined;

/** A rule for each option: one without a rule does not compile. */
export type Rules<O> = { readonly [Option in keyof Required<O>]: Rule<O> };

/** An option with a value that it does not take. */
export interface OptionMistake<O> {
  readonly option: keyof O & string;
  readonly takes: string;
  readonly received: unknown;
}

/** The rule that a value is what a predicate holds of. */
export function rule(takes: string, holds: (value: unknown) => boolean): Rule<unknown> {
  return (value) => (holds(value) ? undefined : takes);
}

export const BOOLEAN = rule('true or false', (value) => typeof value === 'boolean');
export const TEXT = rule('text', (value) => typeof value === 'string');
export const FOLDER = rule(
  'the path of a folder',
  (value) => typeof value === 'string' && value !== '',
);
export const FUNCTION = rule('a function', (value) => typeof value === 'function');
export const POSITIVE = rule('a positive number', isPositive);
/** The longest that a timer of Node.js waits: what is longer, it takes for 1 ms. */
const LONGEST_TIMER = 2 ** 31 - 1;
export const MILLISECONDS = rule(
  `a positive number of milliseconds, at most ${LONGEST_TIMER}`,
  (value) => isPositive(value) && value <= LONGEST_TIMER,
);
export const OBJECT = rule('an object', isObject);

function isPositive(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0;
}

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The first mistake in options; one that is undefined is not given. */
export function optionMistake<O extends object>(
  options: O,
  rules: Rules<O>,
): OptionMistake<O> | undefined {
  for (const option of Object.keys(rules) as (keyof O & string)[]) {
    const received: unknown = options[option];
    const takes = received === undefined ? undefined : rules[option](received, options);
    if (takes !== undefined) return { option, takes, received };
  }
  return undefined;
}

/**
 * @throws TypeError where there are no options in it, RangeError that names the option, what it
 * takes and what was received
 */
export function checkOptions<O extends object>(options: O, rules: Rules<O>): void {
  checkArgument('options', OBJECT, options);
  const mistake = optionMistake(options, rules);
  if (mistake === undefined) return;
  const { option, takes, received } = mistake;
  throw new RangeError(mistakeText(option, takes, received));
}

/** @throws TypeError that names the argument, what it takes and what was received */
export function checkArgument(argument: string, rule: Rule<unknown>, received: unknown): void {
  const takes = rule(received, undefined);
  if (takes !== undefined) throw new TypeError(mistakeText(argument, takes, received));
}

/** `workers takes a positive number; received -1` */
export function mistakeText(name: string, takes: string, received: unknown): string {
  return `${name} takes ${takes}; received ${describe(received)}`;
}

function describe(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return cut(written(value));
  if (Array.isArray(value)) {
    return value.some((item) => typeof item === 'object') ? 'an array' : cut(written(value));
  }
  return 'an object';
}
