import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { cacheFolder, kubernetesVersion } from 'local-cluster';
import { CommandError } from '../command';
import { DEFINITIONS } from './definitions';
import type { Finding } from './findings';
import { openApiFolder, schemaLocation, writeSchemas } from './kubeconform-schemas';

/** A tool that looks for weaknesses in manifests, at the version that is asked for here. */
export interface Tool {
  readonly name: string;
  readonly version: string;
  /** Puts it into `folder`. @throws {CommandError} if it cannot be had */
  readonly install: (folder: string) => void;
  /** Runs it from `folder` on folders of `dist`. */
  readonly findings: (folder: string, environments: readonly string[]) => Finding[];
}

export const TOOLS: readonly Tool[] = [
  {
    name: 'kubeconform',
    version: 'v0.8.0',
    install: goInstall('github.com/yannh/kubeconform/cmd/kubeconform', 'v0.8.0'),
    findings: kubeconform,
  },
  {
    name: 'kubectl-validate',
    version: 'v0.0.4',
    install: goInstall('sigs.k8s.io/kubectl-validate', 'v0.0.4'),
    findings: kubectlValidate,
  },
  {
    name: 'kube-score',
    version: 'v1.20.0',
    install: goInstall('github.com/zegl/kube-score/cmd/kube-score', 'v1.20.0'),
    findings: kubeScore,
  },
  {
    name: 'checkov',
    version: '3.3.30',
    install: pipInstall('checkov', '3.3.30'),
    findings: checkov,
  },
];

/** Tools that were never tried on these manifests, and why: a Go module proxy has to have them. */
export const NOT_RUN = [
  'kube-linter: no version of golang.stackrox.io/kube-linter could be had',
  'polaris: no version of github.com/fairwindsops/polaris could be had',
] as const;

/** Where a tool is, installed there first if need be. */
export function installed({ name, version, install }: Tool): string {
  const folder = join(cacheFolder(), 'audit', `${name}-${version}`);
  if (existsSync(folder)) return folder;
  const staging = `${folder}.${process.pid}`;
  mkdirSync(staging, { recursive: true });
  try {
    install(staging);
    renameSync(staging, folder);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
  return folder;
}

function goInstall(path: string, version: string) {
  return (folder: string): void => {
    run('go', ['install', `${path}@${version}`], {
      GOBIN: folder,
      GOFLAGS: '',
      CGO_ENABLED: '0',
    });
  };
}

function pipInstall(name: string, version: string) {
  // --target and not an environment of its own, whose scripts could not be moved into place.
  return (folder: string): void => {
    run('python3', ['-m', 'venv', `${folder}.venv`], {});
    try {
      run(
        `${folder}.venv/bin/pip`,
        ['install', '--quiet', '--target', folder, `${name}==${version}`],
        {},
      );
    } finally {
      rmSync(`${folder}.venv`, { recursive: true, force: true });
    }
  };
}

interface Conformance {
  /** Those that are not valid. */
  readonly resources: readonly {
    readonly filename: string;
    readonly kind: string;
    readonly name: string;
    readonly msg: string;
  }[];
  readonly summary: { readonly valid: number; readonly skipped: number };
}

function kubeconform(folder: string, environments: readonly string[]): Finding[] {
  const schemas = join(folder, `schemas-${kubernetesVersion()}-${digest(DEFINITIONS)}`);
  if (!existsSync(schemas)) {
    const staging = `${schemas}.${process.pid}`;
    const openApi = join(openApiFolder(kubernetesVersion()), 'swagger.json');
    writeSchemas(openApi, staging, definitionFiles());
    renameSync(staging, schemas);
  }
  return [...environments, GITOPS].flatMap((environment) => {
    const { stdout, stderr } = spawnSync(
      join(folder, 'kubeconform'),
      [
        ...['-strict', '-summary', '-output', 'json'],
        ...['-schema-location', schemaLocation(schemas), ...foldersOf(environment)],
      ],
      { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
    );
    const { resources, summary } = parseOutput('kubeconform', stdout, stderr) as Conformance;
    if (summary.skipped > 0 || summary.valid + resources.length === 0)
      throw new CommandError(`kubeconform looked at ${summary.valid} objects of ${environment}`);
    return resources.map(({ filename, kind, name, msg }) => ({
      tool: 'kubeconform',
      check: 'schema',
      object: kind === '' ? filename.replace('dist/', '') : `${environment}/${kind}/${name}`,
      message: msg,
    }));
  });
}

/** The files in which other projects define their kinds. */
function definitionFiles(): string[] {
  return Object.values(DEFINITIONS).map(([module, file]) => {
    const { Dir } = JSON.parse(
      run('go', ['mod', 'download', '-json', module], { GOFLAGS: '' }),
    ) as { Dir: string };
    return join(Dir, file);
  });
}

function kubectlValidate(folder: string, environments: readonly string[]): Finding[] {
  const definitions = join(folder, 'definitions');
  mkdirSync(definitions, { recursive: true });
  for (const file of definitionFiles()) copyFileSync(file, join(definitions, basename(file)));
  const { stdout, stderr } = spawnSync(
    join(folder, 'kubectl-validate'),
    [
      ...[...environments, GITOPS].flatMap(foldersOf),
      '--local-crds',
      definitions,
      '--output',
      'json',
    ],
    { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  );
  const results = parseOutput('kubectl-validate', stdout, stderr) as Record<
    string,
    { status: string; message?: string }[]
  >;
  return Object.entries(results).flatMap(([file, statuses]) =>
    statuses
      .filter(({ status }) => status !== 'Success')
      .map(({ message = '' }) => ({
        tool: 'kubectl-validate',
        check: 'schema',
        object: file.replace('dist/', ''),
        message,
      })),
  );
}

interface Score {
  readonly type_meta: { readonly kind: string };
  readonly object_meta: { readonly name: string };
  readonly checks: readonly {
    readonly check: { readonly id: string };
    readonly grade: number;
    readonly skipped: boolean;
    readonly comments: readonly { readonly path: string; readonly summary: string }[] | null;
  }[];
}

function kubeScore(folder: string, environments: readonly string[]): Finding[] {
  return environments.flatMap((environment) => {
    const { stdout, stderr } = spawnSync(
      join(folder, 'kube-score'),
      ['score', '--output-format', 'json', ...filesOf(environment)],
      { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
    );
    return (parseOutput('kube-score', stdout, stderr) as Score[]).flatMap((object) =>
      object.checks
        // 10 is what it calls all right.
        .filter(({ grade, skipped }) => !skipped && grade < 10)
        .map(({ check, comments }) => ({
          tool: 'kube-score',
          check: check.id,
          object: `${environment}/${object.type_meta.kind}/${object.object_meta.name}`,
          message: (comments ?? []).map(({ path, summary }) => `${path} ${summary}`).join('; '),
        })),
    );
  });
}

interface Checks {
  readonly results: {
    readonly failed_checks: readonly {
      readonly check_id: string;
      readonly check_name: string;
      readonly resource: string;
    }[];
  };
}

function checkov(folder: string, environments: readonly string[]): Finding[] {
  // Where it keeps what it has compiled from one run to the next.
  const temporary = join(folder, 'tmp');
  mkdirSync(temporary, { recursive: true });
  return environments.flatMap((environment) => {
    const { stdout, stderr } = spawnSync(
      'python3',
      [
        ...['-m', 'checkov.main', '--framework', 'kubernetes', '--quiet', '--output', 'json'],
        ...['--directory', `dist/${environment}`],
      ],
      {
        encoding: 'utf8',
        maxBuffer: 64 * 1024 * 1024,
        env: { ...process.env, PYTHONPATH: folder, LOG_LEVEL: 'ERROR', TMPDIR: temporary },
      },
    );
    return (parseOutput('checkov', stdout, stderr) as Checks).results.failed_checks.map(
      ({ check_id, check_name, resource }) => {
        const [kind = '', , name = ''] = resource.split('.');
        return {
          tool: 'checkov',
          check: check_id,
          object: `${environment}/${kind}/${name}`,
          message: check_name,
        };
      },
    );
  });
}

/** What reconcilers are given. */
const GITOPS = 'gitops';

/** Those of an environment, and of what a cluster may have no definitions for. */
function foldersOf(environment: string): string[] {
  if (environment === GITOPS) return [GITOPS];
  return ['', '-gateway', '-monitoring', '-external-secrets'].map(
    (part) => `dist/${environment}${part}`,
  );
}

function filesOf(environment: string): string[] {
  return spawnSync('find', [`dist/${environment}`, '-name', '*.yaml'], { encoding: 'utf8' })
    .stdout.split('\n')
    .filter((file) => file !== '' && readFileSync(file).length > 0);
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 8);
}

function parseOutput(tool: string, stdout: string, stderr: string): unknown {
  try {
    return JSON.parse(stdout) as unknown;
  } catch {
    throw new CommandError(`${tool} failed: ${stderr.trim() || stdout.trim()}`);
  }
}

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  if (error !== undefined || status !== 0)
    throw new CommandError(`${command} ${args.join(' ')}: ${error?.message ?? stderr.trim()}`);
  return stdout;
}
