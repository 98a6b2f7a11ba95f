import { parseArgs } from 'node:util';
import type { PodSecurityLevel } from '../verdict/judgement';
import { isPodSecurityLevel, POD_SECURITY_LEVELS } from '../verdict/pod-security';
import { type Format, FORMATS } from './report';

export const USAGE = `Kubernetes' own verdict on manifests. No cluster, no network.

  kube-verdict check [-o FORMAT] [--pod-security LEVEL] PATH…
      Would a cluster accept these objects?
  kube-verdict diff [--server-side] [-o FORMAT] OLD NEW
      What does applying NEW do to what OLD made?

PATH, OLD and NEW are YAML or JSON files, folders (what is in them, however deep, and ends in
.yaml, .yml or .json), or - for standard input.

  -o, --output FORMAT     text (default), json (one object a line) or github (workflow annotations)
  --pod-security LEVEL    judge the Pods by a Pod Security Standard, baseline or restricted, even
                          where no Namespace among the manifests enforces it
  --server-side           judge kubectl apply --server-side instead of kubectl apply
  --help, --version

Exit codes of check: 0 everything is accepted (objects of kinds that are not judged are counted on
standard error), 1 something is refused, or its Pods are, 2 input that cannot be read, or wrong
usage. Of diff: 1 something is refused, 2 as above, else 0.
`;

export type Command =
  | { readonly name: 'help' }
  | { readonly name: 'version' }
  | {
      readonly name: 'check';
      readonly paths: readonly string[];
      readonly format: Format;
      readonly podSecurity: PodSecurityLevel | undefined;
    }
  | {
      readonly name: 'diff';
      readonly paths: readonly [string, string];
      readonly format: Format;
      readonly serverSide: boolean;
    };

/** The command line is wrong. */
export class UsageError extends Error {}

/** @throws UsageError */
export function parseCommand(args: readonly string[]): Command {
  const { values, positionals } = parse(args);
  if (values.help === true) return { name: 'help' };
  if (values.version === true) return { name: 'version' };
  const format = formatOf(values.output ?? 'text');
  const [command, ...paths] = positionals;
  switch (command) {
    case 'check': {
      const level = values['pod-security'];
      if (values['server-side'] !== undefined) throw new UsageError('--server-side is for diff');
      if (level !== undefined && !isPodSecurityLevel(level)) {
        throw new UsageError(
          `--pod-security takes ${POD_SECURITY_LEVELS.join(' or ')}; received ${level}`,
        );
      }
      if (paths.length === 0) throw new UsageError('check takes at least one PATH');
      return { name: 'check', paths, format, podSecurity: level };
    }
    case 'diff': {
      if (values['pod-security'] !== undefined) throw new UsageError('--pod-security is for check');
      const [older, newer, ...more] = paths;
      if (older === undefined || newer === undefined || more.length > 0) {
        throw new UsageError(`diff takes OLD and NEW; received ${paths.length} paths`);
      }
      const serverSide = values['server-side'] ?? false;
      return { name: 'diff', paths: [older, newer], format, serverSide };
    }
    case undefined:
      throw new UsageError('a command is missing: check or diff');
    default:
      throw new UsageError(`there is no command ${command}: the commands are check and diff`);
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        output: { type: 'string', short: 'o' },
        'pod-security': { type: 'string' },
        'server-side': { type: 'boolean' },
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
  throw new UsageError(`-o takes ${FORMATS.join(', ')}; received ${value}`);
}
