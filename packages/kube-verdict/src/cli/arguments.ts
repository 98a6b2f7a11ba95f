import { parseArgs } from 'node:util';
import { counted } from '../plan/wording';
import { FOLDER, mistakeText } from '../rule';
import type { ClusterOptions, PodSecurityLevel } from '../verdict/judgement';
import { written } from '../words/written';
import { clusterOptionsOf } from './cluster-arguments';
import { checkPaths } from './check-paths';
import { type Format, FORMATS } from './report';
import { UsageError } from './usage-error';

export const USAGE = `Kubernetes' own verdict on manifests. No cluster, no network.

  kube-verdict check [-o FORMAT] [OPTION]… PATH…
      Would a cluster accept these objects?
  kube-verdict diff [-o FORMAT] [OPTION]… OLD NEW
      What does applying NEW do to what applying OLD made?
  kube-verdict plan [OPTION]… OLD NEW
      What will that change do to what runs? It has options of its own: kube-verdict plan --help

PATH, OLD and NEW are YAML or JSON files, folders (what is in them, however deep, and ends in
.yaml, .yml or .json, but for what .gitignore excludes), or - for standard input.

  -o, --output FORMAT     text (default), json (one object a line) or github (workflow annotations)
  --server-side           judge kubectl apply --server-side instead of kubectl apply
  --apply                 check: as kubectl apply makes new objects, not as kubectl create does
  --pod-security LEVEL    check: judge the Pods by a Pod Security Standard, baseline or restricted,
                          even where no Namespace among the manifests enforces it
  --strict                refuse what is otherwise passed over or warned of: files of a folder that
                          are no manifests, keys given twice, kinds that are not judged
  --exclude GLOB          pass over what of a folder matches a pattern of .gitignore (repeatable)
  --kustomize             of folders with a kustomization, judge what kustomize makes (with the
                          kubectl or kustomize that is installed)
  --cache FOLDER          keep the judgements there: what has not changed since is not judged again

About the cluster:
  --namespace NAME        where objects without a namespace are (default)
  --ip-families LIST      the families of Services, the primary one first (IPv4)
  --service-cidr RANGES   the ranges of Services, one of each family (any address)

  --help, --version

Exit codes of check: 0 everything is accepted (kinds that are not judged are counted on standard
error), 1 something is refused, or its Pods are, or with --strict something is not judged, 2 input
that cannot be read or holds no object, or wrong usage. Of diff: 1 something is refused, 2 as above,
else 0.
`;

/** What both commands take. */
export interface CommonOptions {
  readonly format: Format;
  readonly strict: boolean;
  readonly serverSide: boolean;
  readonly exclude: readonly string[];
  readonly kustomize: boolean;
  readonly cache: string | undefined;
  readonly cluster: ClusterOptions;
}

export interface CheckCommand extends CommonOptions {
  readonly name: 'check';
  readonly paths: readonly string[];
  readonly apply: boolean;
  readonly podSecurity: PodSecurityLevel | undefined;
}

export interface DiffCommand extends CommonOptions {
  readonly name: 'diff';
  readonly paths: readonly [string, string];
}

export type Command =
  { readonly name: 'help' } | { readonly name: 'version' } | CheckCommand | DiffCommand;

/** @throws UsageError */
export function parseCommand(args: readonly string[]): Command {
  const { values, positionals } = parse(args);
  if (values.help === true) return { name: 'help' };
  if (values.version === true) return { name: 'version' };
  const { cluster, podSecurity } = clusterOptionsOf(values);
  const common: CommonOptions = {
    format: formatOf(values.output ?? 'text'),
    strict: values.strict ?? false,
    serverSide: values['server-side'] ?? false,
    exclude: values.exclude ?? [],
    kustomize: values.kustomize ?? false,
    cache: folderOf('--cache', values.cache),
    cluster,
  };
  const [command, ...paths] = positionals;
  checkPaths(paths);
  switch (command) {
    case 'check': {
      const apply = values.apply ?? false;
      if (common.serverSide && !apply) {
        throw new UsageError('--server-side is for diff, and for check --apply');
      }
      if (paths.length === 0) throw new UsageError('check takes at least one PATH');
      if (paths.filter((path) => path === '-').length > 1) {
        throw new UsageError('standard input can be given once');
      }
      return { name: 'check', paths, apply, podSecurity, ...common };
    }
    case 'diff': {
      for (const option of ['pod-security', 'apply'] as const) {
        if (values[option] !== undefined) throw new UsageError(`--${option} is for check`);
      }
      const [older, newer, ...more] = paths;
      if (older === undefined || newer === undefined || more.length > 0) {
        throw new UsageError(`diff takes OLD and NEW; received ${counted(paths.length, 'path')}`);
      }
      if (older === '-' && newer === '-') {
        throw new UsageError('standard input can be OLD or NEW, and not both');
      }
      return { name: 'diff', paths: [older, newer], ...common };
    }
    case undefined:
      throw new UsageError('a command is missing: check, diff or plan');
    case 'plan':
      throw new UsageError('plan comes first: kube-verdict plan [OPTION]… OLD NEW');
    default:
      throw new UsageError(
        `there is no command ${written(command)}: the commands are check, diff and plan`,
      );
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        output: { type: 'string', short: 'o' },
        'server-side': { type: 'boolean' },
        apply: { type: 'boolean' },
        'pod-security': { type: 'string' },
        strict: { type: 'boolean' },
        exclude: { type: 'string', multiple: true },
        kustomize: { type: 'boolean' },
        cache: { type: 'string' },
        namespace: { type: 'string' },
        'ip-families': { type: 'string' },
        'service-cidr': { type: 'string' },
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function formatOf(value: string): Format {
  const format = FORMATS.find((known) => known === value);
  if (format !== undefined) return format;
  throw new UsageError(mistakeText('-o', FORMATS.join(', '), value));
}

function folderOf(option: string, value: string | undefined): string | undefined {
  const takes = value === undefined ? undefined : FOLDER(value, {});
  if (takes !== undefined) throw new UsageError(mistakeText(option, takes, value));
  return value;
}
