import { parseArgs } from 'node:util';
import type { Applier, Outcome } from '../plan/plan-types';
import { UsageError } from './usage-error';

export const PLAN_USAGE = `What a change will do, before it does it. No cluster, no network (but for live:).

  kube-verdict plan [OPTIONS] OLD NEW

OLD and NEW are YAML or JSON files, folders (what is in them, however deep, and ends in .yaml, .yml
or .json), - for standard input, git:REF:PATH for a file or folder as a commit has it, or
live:[CONTEXT/] for what a cluster holds of the kinds and in the namespaces of the other side.

  -o, --output FORMAT[=FILE]  text (default) or json; to a file instead of standard
                          output; may be given several times
  --applier APPLIER       what applies NEW: kubectl (default), server-side (kubectl apply
                          --server-side) or flux
  --fail-on OUTCOMES      end with 1 for any of refused (default), downtime, data-loss, restart, any;
                          with commas between them; none for never
  --nodes N               how many nodes run Pods of a DaemonSet
  --name NAME             what is planned, such as an environment
  --from TEXT, --to TEXT  what OLD and NEW are called in the plan
  -v, --verbose           every field that changes, and what is only written differently
  --help

Exit codes: 0 planned, 1 something that --fail-on names, 2 it cannot be planned, or wrong usage.
Colours on a terminal; NO_COLOR turns them off, FORCE_COLOR on.
`;

export type PlanFormat = 'text' | 'json';
const FORMATS: readonly PlanFormat[] = ['text', 'json'];
const APPLIERS: readonly Applier[] = ['kubectl', 'server-side', 'flux'];
const OUTCOMES: readonly Outcome[] = ['refused', 'downtime', 'data-loss', 'restart', 'any'];

export interface Output {
  readonly format: PlanFormat;
  /** Undefined for standard output. */
  readonly file: string | undefined;
}

export interface PlanCommand {
  /** OLD and NEW. */
  readonly paths: readonly string[];
  readonly outputs: readonly Output[];
  readonly applier: Applier;
  readonly failOn: readonly Outcome[];
  readonly nodes: number | undefined;
  readonly name: string;
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly verbose: boolean;
}

/**
 * The arguments after `plan`; undefined where help is asked for.
 * @throws UsageError
 */
export function parsePlanCommand(args: readonly string[]): PlanCommand | undefined {
  const { values, positionals: paths } = parse(args);
  if (values.help === true) return undefined;
  if (paths.length !== 2) {
    throw new UsageError(`plan takes OLD and NEW; received ${paths.length} paths`);
  }
  const outputs = (values.output ?? ['text']).map(outputOf);
  if (outputs.filter(({ file }) => file === undefined).length > 1) {
    throw new UsageError(
      'standard output takes one format: give the others a file, as -o json=plan.json',
    );
  }
  return {
    paths,
    outputs,
    applier: oneOf('--applier', APPLIERS, values.applier ?? 'kubectl'),
    failOn: failOn(values['fail-on'] ?? 'refused'),
    nodes: nodes(values.nodes),
    name: values.name ?? '',
    from: values.from,
    to: values.to,
    verbose: values.verbose ?? false,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        output: { type: 'string', short: 'o', multiple: true },
        applier: { type: 'string' },
        'fail-on': { type: 'string' },
        nodes: { type: 'string' },
        name: { type: 'string' },
        from: { type: 'string' },
        to: { type: 'string' },
        verbose: { type: 'boolean', short: 'v' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function outputOf(text: string): Output {
  const equals = text.indexOf('=');
  const [format, file] =
    equals < 0 ? [text, undefined] : [text.slice(0, equals), text.slice(equals + 1)];
  if (file === '') throw new UsageError(`-o ${text}: a file is missing after =`);
  return { format: oneOf('-o', FORMATS, format), file };
}

function failOn(text: string): Outcome[] {
  if (text === 'none') return [];
  return text.split(',').map((one) => oneOf('--fail-on', OUTCOMES, one.trim()));
}

function nodes(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(number) && number <= 100_000) return number;
  throw new UsageError(`--nodes takes a number of nodes, at most 100000; received ${text}`);
}

function oneOf<T extends string>(option: string, known: readonly T[], text: string): T {
  const found = known.find((one) => one === text);
  if (found !== undefined) return found;
  throw new UsageError(`${option} takes ${known.join(', ')}; received ${text}`);
}
