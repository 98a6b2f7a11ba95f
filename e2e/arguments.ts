/** The command line of `npm run e2e`. */
import { parseArguments, UsageError } from '../commands/command';

export interface Options {
  /** Suites to run; none means all. */
  readonly only: readonly string[];
  /** Parts of the names of the checks to run; none means all. */
  readonly check: readonly string[];
  readonly keep: boolean;
  readonly selfTest: boolean;
  readonly context: string | undefined;
  readonly registry: string | undefined;
  /** A commit that draws one check of each suite; undefined means all checks. */
  readonly sample: string | undefined;
  /** Of suites that generate cases; undefined means the suite's own number. */
  readonly cases: number | undefined;
  /** Of suites that generate cases; undefined means one drawn at random. */
  readonly seed: number | undefined;
  /** How often MySQL is killed; undefined means the suite's own number. */
  readonly kills: number | undefined;
  /** Kinds of objects that cases are generated of; undefined means all. */
  readonly kinds: readonly string[] | undefined;
}

function usage(suites: readonly string[]): string {
  return `npm run e2e -- [options]

  --only SUITE       run this suite (${suites.join(', ')}); may be given several times
  --check TEXT       only the checks whose names have this in them; may be given several times
  --self-test        inject a fault for each check, and show that the check fails
  --sample COMMIT    one check of each suite, drawn by this commit
  --keep             leave the cluster and what was made on it
  --context NAME     use the cluster of this kubeconfig context (or E2E_CONTEXT)
  --registry HOST    where images go for a named context, as host[:port][/path]
  --cases N          so many generated cases (parity, plan)
  --seed S           the generated cases that an earlier run had (parity, plan)
  --kills N          how often MySQL is killed (data)
  --kind KIND        cases of this kind alone, as in Lease (parity); may be given several times
  --help             this text

exit code: 0 no check failed, 1 one did or the run failed, 2 wrong usage`;
}

/** @throws {UsageError} saying which word is wrong. */
export function parseOptions(argv: readonly string[], suites: readonly string[]): Options {
  const { values } = parseArguments(argv, {
    usage: usage(suites),
    options: {
      only: { type: 'string', multiple: true },
      check: { type: 'string', multiple: true },
      'self-test': { type: 'boolean' },
      keep: { type: 'boolean' },
      context: { type: 'string' },
      registry: { type: 'string' },
      sample: { type: 'string' },
      cases: { type: 'string' },
      seed: { type: 'string' },
      kills: { type: 'string' },
      kind: { type: 'string', multiple: true },
    },
  });
  const wrong = (message: string) => new UsageError(`${message}\nusage: ${usage(suites)}`);
  const { only = [], check = [], context, registry, sample } = values;
  const unknown = only.find((name) => !suites.includes(name));
  if (unknown !== undefined)
    throw wrong(`--only must be one of ${suites.join(', ')}; received "${unknown}"`);
  for (const [name, value] of Object.entries({ context, registry, sample })) {
    if (value === '') throw wrong(`--${name} must not be empty`);
  }
  const whole = (name: string, text: string | undefined, least: number): number | undefined => {
    const number = Number(text);
    const fits = text === undefined || (/^\d+$/.test(text) && number >= least && number < 2 ** 31);
    if (!fits)
      throw wrong(`--${name} must be a whole number of at least ${least}; received "${text}"`);
    return text === undefined ? undefined : number;
  };
  return {
    only,
    check,
    keep: values.keep ?? false,
    selfTest: values['self-test'] ?? false,
    context,
    registry,
    sample,
    cases: whole('cases', values.cases, 1),
    seed: whole('seed', values.seed, 0),
    kills: whole('kills', values.kills, 1),
    kinds: values.kind,
  };
}
