import { parseArgs } from 'node:util';
import type { Applier, Outcome } from '../plan/plan-types';
import { APPLIERS, MOST_NODES } from '../plan/plan-arguments';
import { counted } from '../plan/wording';
import { mistakeText } from '../rule';
import { checkPaths } from './check-paths';
import { UsageError } from './usage-error';

export const PLAN_USAGE = `What a change will do, before it does it. No cluster, no network (but for live:).

  kube-verdict plan [OPTIONS] OLD NEW
  kube-verdict plan [OPTIONS] --read FILE…

OLD and NEW are YAML or JSON files, folders (what is in them, however deep, and ends in .yaml, .yml
or .json), - for standard input, git:REF:PATH for a file or folder as a commit has it, or
live:[CONTEXT/] for what a cluster holds of the kinds and in the namespaces of the other side.

  -o, --output FORMAT[=FILE]  text (default), json, markdown or html; to a file instead of standard
                          output; may be given several times
  --environments          each folder right below OLD and NEW is a set of its own, as are the files
                          beside them: a plan for each, in one report; what only one of the others
                          has is found by name
  --read                  report of what -o json has written instead; several files in one report
  --applier APPLIER       what applies NEW: kubectl (default), server-side (kubectl apply
                          --server-side) or flux
  --fail-on OUTCOMES      end with 1 for any of refused (default), downtime, data-loss, restart, any;
                          with commas between them; none for never
  --nodes N               how many nodes run Pods of a DaemonSet
  --name NAME             what is planned, such as an environment
  --marker TEXT           a line that nobody sees at the head of the Markdown, by which a comment is
                          found again
  --from TEXT, --to TEXT  what OLD and NEW are called in the plan
  -v, --verbose           every field that changes, and what is only written differently
  --help

Exit codes: 0 planned, 1 something that --fail-on names, 2 it cannot be planned, or wrong usage.
Colours on a terminal; NO_COLOR turns them off, FORCE_COLOR on.
`;

export type PlanFormat = 'text' | 'json' | 'markdown' | 'html';
const FORMATS: readonly PlanFormat[] = ['text', 'json', 'markdown', 'html'];
const OUTCOMES: readonly Outcome[] = ['refused', 'downtime', 'data-loss', 'restart', 'any'];

export interface Output {
  readonly format: PlanFormat;
  /** Undefined for standard output. */
  readonly file: string | undefined;
}

export interface PlanCommand {
  /** OLD and NEW, or files of plans to read. */
  readonly paths: readonly string[];
  readonly read: boolean;
  readonly environments: boolean;
  readonly outputs: readonly Output[];
  readonly applier: Applier;
  readonly failOn: readonly Outcome[];
  readonly nodes: number | undefined;
  readonly name: string;
  readonly marker: string;
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
  const { read = false, environments = false } = values;
  checkPaths(paths);
  if (read) readsOnly(values, paths);
  else if (paths.length !== 2) {
    throw new UsageError(`plan takes OLD and NEW; received ${counted(paths.length, 'path')}`);
  }
  const outputs = (values.output ?? ['text']).map(outputOf);
  if (outputs.filter(({ file }) => file === undefined).length > 1) {
    throw new UsageError(
      'standard output takes one format: give the others a file, as -o json=plan.json',
    );
  }
  return {
    paths,
    read,
    environments,
    outputs,
    applier: oneOf('--applier', APPLIERS, values.applier ?? 'kubectl'),
    failOn: failOn(values['fail-on'] ?? 'refused'),
    nodes: nodes(values.nodes),
    name: values.name ?? '',
    marker: marker(values.marker ?? ''),
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
        marker: { type: 'string' },
        environments: { type: 'boolean' },
        read: { type: 'boolean' },
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

/** What a plan that is read was made with is in it. */
function readsOnly(values: Readonly<Record<string, unknown>>, paths: readonly string[]): void {
  if (paths.length === 0) throw new UsageError('--read takes at least one file of plans');
  const making = ['applier', 'nodes', 'name', 'from', 'to', 'environments'];
  const given = making.find((name) => values[name] !== undefined);
  if (given !== undefined) {
    throw new UsageError(`--${given} is for making a plan, and --read reads one that is made`);
  }
}

/** It stands in an HTML comment. */
function marker(text: string): string {
  if (/^[\w./:-]*$/.test(text) && !text.includes('--')) return text;
  throw new UsageError(
    `--marker takes letters, digits and . _ / : -, no two hyphens in a row; received ${JSON.stringify(text)}`,
  );
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
  if (/^\d+$/.test(text) && Number.isSafeInteger(number) && number <= MOST_NODES) return number;
  throw new UsageError(mistakeText('--nodes', `a number of nodes, at most ${MOST_NODES}`, text));
}

function oneOf<T extends string>(option: string, known: readonly T[], text: string): T {
  const found = known.find((one) => one === text);
  if (found !== undefined) return found;
  throw new UsageError(mistakeText(option, known.join(', '), text));
}
