import { ApiObject, App, Chart } from 'cdk8s';
import * as fc from 'fast-check';
import * as browser from '../src/browser';
import * as cdk8s from '../src/cdk8s/judge';
import * as index from '../src/index';
import { Verdict } from '../src/verdict/verdict';
import { pod } from './manifests';

let verdict: Verdict;

beforeAll(async () => {
  verdict = await index.loadVerdict();
});

afterAll(async () => {
  await verdict.close();
});

type Call = (value: unknown) => unknown;
type Holds = (value: unknown) => boolean;

const isNothing: Holds = () => false;
const isBoolean: Holds = (value) => typeof value === 'boolean';
const isText: Holds = (value) => typeof value === 'string';
const isSomeText: Holds = (value) => isText(value) && value !== '';
const isFunction: Holds = (value) => typeof value === 'function';
const isPositive: Holds = (value) => Number.isFinite(value) && Number(value) > 0;
const isObject: Holds = (value) =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isIterable: Holds = (value) => Symbol.iterator in Object(value) && !isText(value);
/** Of all that is drawn, the JSON of nothing else that is an object is none. */
const isManifest: Holds = (value) => isObject(value) && !(value instanceof Date);

interface Argument {
  /** As a message names it. */
  readonly name: string;
  readonly call: Call;
  /** What it takes, or may. */
  readonly takes: Holds;
  readonly error: typeof TypeError | typeof RangeError;
}

function argument(name: string, call: Call, takes: Holds = isNothing): Argument {
  return { name, call, takes, error: TypeError };
}

/** The options of a call, of which none has to be given. */
function options(call: Call, rules: Readonly<Record<string, Holds>>): Argument[] {
  return [
    argument('options', call, (value) => value === undefined || isObject(value)),
    ...Object.entries(rules).map(([name, takes]) => ({
      name,
      call: (value: unknown) => call({ [name]: value }),
      takes: (value: unknown) => value === undefined || takes(value),
      error: RangeError,
    })),
  ];
}

const creating = {
  namespace: isText,
  ipFamilies: isNothing,
  serviceCidr: isNothing,
  podSecurity: isNothing,
};
const judging = { ...creating, timeout: isPositive, stringify: isFunction, cache: isSomeText };

/** A function of the package for each name, and each of its arguments. */
const CALLS: Readonly<Record<string, readonly Argument[]>> = {
  loadVerdict: [
    argument(
      'module',
      (value) => index.loadVerdict({ module: value as never }),
      (value) => value === undefined,
    ),
    ...options((value) => index.loadVerdict(value as never), {
      workers: isPositive,
      timeout: isPositive,
      optimize: isBoolean,
      cacheDir: isSomeText,
    }),
  ],
  plan: [
    argument('old', (value) => index.plan(value as never, [], { verdict }), isIterable),
    argument('now', (value) => index.plan([], value as never, { verdict }), isIterable),
    argument('old[0]', (value) => index.plan([value as never], [], { verdict }), isManifest),
    argument('now[1]', (value) => index.plan([], [{}, value as never], { verdict }), isManifest),
    ...options((value) => index.plan([], [], value as never), {
      applier: isNothing,
      nodes: (value) => Number.isInteger(value) && Number(value) >= 0,
      name: isText,
      from: isText,
      to: isText,
      verdict: isNothing,
    }),
  ],
  'Verdict.create': [
    argument('manifest', (value) => verdict.create(value as never), isManifest),
    ...options((value) => verdict.create(pod('web'), value as never), creating),
  ],
  'Verdict.apply': [
    argument(
      'previous',
      (value) => verdict.apply(value as never, pod('web')),
      (value) => value === undefined || isManifest(value),
    ),
    argument('next', (value) => verdict.apply(pod('web'), value as never), isManifest),
    argument(
      'live',
      (value) => verdict.apply(pod('web'), pod('web'), { live: value as never }),
      (value) => value === undefined || isManifest(value),
    ),
    ...options((value) => verdict.apply(pod('web'), pod('web'), value as never), {
      ...creating,
      serverSide: isBoolean,
      changes: isBoolean,
      objects: isBoolean,
    }),
  ],
  'Verdict.read': [argument('text', (value) => verdict.read(value as never), isText)],
  'cdk8s.judge': [
    argument('app', (value) => {
      cdk8s.judge(value as never);
    }),
    ...options((value) => {
      cdk8s.judge(new App(), value as never);
    }, judging),
  ],
  'cdk8s.ObjectJudge': [
    ...options((value) => new cdk8s.ObjectJudge(value as never), judging),
    argument('root', (value) => new cdk8s.ObjectJudge().judge(value as never)),
    argument('object', (value) => new cdk8s.ObjectJudge().judged(value as never)),
  ],
  'cdk8s.createdAt': [argument('construct', (value) => cdk8s.createdAt(value as never))],
  'cdk8s.describeFieldError': [
    argument('error', (value) => cdk8s.describeFieldError(value as never)),
  ],
  'cdk8s.describeIdentity': [
    argument('identity', (value) => cdk8s.describeIdentity(value as never)),
  ],
  'cdk8s.warningsOf': [
    argument(
      'judged',
      (value) => cdk8s.warningsOf(value as never),
      (value) => Array.isArray(value) && value.length === 0,
    ),
  ],
  'browser.loadVerdict': [
    argument('options', (value) => browser.loadVerdict(value as never), isObject),
    argument('module', (value) => browser.loadVerdict({ module: value as never })),
  ],
};

/** Whatever a program without types may hand over. */
const anything = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, Symbol('s'), () => 'x', NaN, -0, '', ' ', [], {}),
  fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true }),
);

/** What a call throws, at once or later. */
async function failureOf(call: Call, value: unknown): Promise<Error | undefined> {
  try {
    await call(value);
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

it('is asked of every function', () => {
  // What takes nothing, or is for the package itself.
  const others = ['constructor', 'close', 'ask', 'answer'];
  const functions = [
    ...Object.keys(index),
    ...Object.getOwnPropertyNames(Verdict.prototype).map((name) => `Verdict.${name}`),
    ...Object.entries(cdk8s)
      .filter(([, value]) => typeof value === 'function')
      .map(([name]) => `cdk8s.${name}`),
    ...Object.keys(browser).map((name) => `browser.${name}`),
  ];
  expect(Object.keys(CALLS).sort()).toEqual(
    functions.filter((name) => !others.some((other) => name === `Verdict.${other}`)).sort(),
  );
});

describe.each(Object.entries(CALLS))('%s', (_, args) => {
  it.each(args.map((one) => [one.name, one] as const))(
    'says what %s takes, whatever it is given',
    async (name, { call, takes, error }) => {
      await fc.assert(
        fc.asyncProperty(
          anything.filter((value) => !takes(value)),
          async (value) => {
            const failure = await failureOf(call, value);
            expect(failure?.message).toMatch(/^[\w[\]]+ takes [^\p{Cc}]+; received [^\p{Cc}]+$/u);
            expect(failure?.message.split(' takes ')[0]).toBe(name);
            expect(failure).toBeInstanceOf(error);
          },
        ),
      );
    },
  );
});

it.each([
  [5, '5'],
  [undefined, 'undefined'],
  [Promise.resolve(''), 'an object'],
])('says what stringify takes, where it returns %p', (returned, received) => {
  const app = new App();
  new ApiObject(new Chart(app, 'shop'), 'pod', pod('web') as never);
  cdk8s.judge(app, { stringify: (() => returned) as never });
  expect(() => app.synthYaml()).toThrow(
    new RangeError(`stringify takes a function that returns text; received ${received} from it`),
  );
});

it('makes no plan of what is nested too deeply', async () => {
  let deep: object = {};
  for (let i = 0; i < 100_000; i++) deep = { deep };
  await expect(index.plan([], [deep], { verdict })).rejects.toThrow(
    new TypeError('now[0] takes an object that is nested less deeply; received an object'),
  );
  expect(await verdict.create(deep)).toMatchObject({
    accepted: null,
    warnings: ['not judged: it is nested too deeply'],
  });
});

it('waits no millisecond instead of a month', async () => {
  await expect(index.loadVerdict({ timeout: 2 ** 32 })).rejects.toThrow(
    'timeout takes a positive number of milliseconds, at most 2147483647; received 4294967296',
  );
});
