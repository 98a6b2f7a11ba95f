import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { cacheFolder } from 'local-cluster';
import { CommandError } from '../command';
import { DEFINITIONS } from './definitions';
import type { Finding } from './findings';

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

/** Tools that cannot be installed from the registries that this repository uses, and why. */
export const NOT_RUN = [
  'kube-linter and polaris: the Go module proxy does not have them',
  'kubeconform: it has no schemas of its own; kubectl-validate has, and judges by the same',
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

function kubectlValidate(folder: string, environments: readonly string[]): Finding[] {
  const definitions = join(folder, 'definitions');
  mkdirSync(definitions, { recursive: true });
  for (const [module, file] of Object.values(DEFINITIONS)) {
    const { Dir } = JSON.parse(
      run('go', ['mod', 'download', '-json', module], { GOFLAGS: '' }),
    ) as { Dir: string };
    copyFileSync(join(Dir, file), join(definitions, basename(file)));
  }
  const folders = environments.flatMap((environment) =>
    ['', '-gateway', '-monitoring', '-external-secrets'].map(
      (part) => `dist/${environment}${part}`,
    ),
  );
  const { stdout, stderr } = spawnSync(
    join(folder, 'kubectl-validate'),
    [...folders, '--local-crds', definitions, '--output', 'json'],
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

function filesOf(environment: string): string[] {
  return spawnSync('find', [`dist/${environment}`, '-name', '*.yaml'], { encoding: 'utf8' })
    .stdout.split('\n')
    .filter((file) => file !== '' && readFileSync(file).length > 0);
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
