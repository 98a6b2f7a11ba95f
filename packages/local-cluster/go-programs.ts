/** Builds the programs that the Go modules of ./go name, into a cache outside of the repository. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { run, succeeds } from './run';
import { ClusterError } from './cluster-error';
import type { Steps } from './steps';
import { cacheFolder } from './cache-folder';

const MODULES = join(__dirname, 'go');
/** From an empty build cache, on two cores that others use too. */
const BUILD_TIMEOUT = 45 * 60_000;
const FLAGS = ['-buildvcs=false', '-trimpath'] as const;

export interface GoModule {
  /** Folder below ./go. */
  readonly folder: string;
  /** The module whose programs are built, at the version that go.mod requires. @default the folder's own alone */
  readonly of?: string;
  /** Packages to build. @default those that go.mod names as tools */
  readonly packages?: readonly string[];
  /** Build tags. @default none */
  readonly tags?: readonly string[];
  /** Begins the name of its folder in the cache. @default that of `folder` */
  readonly name?: string;
}

export const KUBERNETES = { folder: 'kubernetes', of: 'k8s.io/kubernetes' } as const;
export const COREDNS: GoModule = {
  folder: 'coredns',
  of: 'github.com/coredns/coredns',
  packages: ['.'],
};
export const LOCAL_PATH_PROVISIONER: GoModule = {
  folder: 'local-path-provisioner',
  of: 'github.com/rancher/local-path-provisioner',
};
/** The network policy controller of kube-router. */
export const KUBE_ROUTER: GoModule = {
  folder: 'kube-router',
  of: 'github.com/cloudnativelabs/kube-router/v2',
  packages: ['.'],
};
export const METRICS_SERVER: GoModule = {
  folder: 'metrics-server',
  of: 'sigs.k8s.io/metrics-server',
};
export const NODE_IMAGES: GoModule = {
  folder: 'node-images',
  packages: ['./pause', './volume'],
};
export const GIT_SERVER: GoModule = { folder: 'git-server', packages: ['.'] };
/** source-controller and kustomize-controller. */
export const FLUX = { folder: 'flux', of: 'github.com/fluxcd/source-controller' } as const;
const PROMETHEUS_MODULE = 'github.com/prometheus/prometheus';
/** Of its service discoveries those that a cluster has: the others are clouds', and most of what there is to build. */
const PROMETHEUS_TAGS = ['remove_all_sd', 'enable_kubernetes_sd', 'enable_dns_sd'];
export const PROMETHEUS: GoModule = {
  folder: 'prometheus',
  of: PROMETHEUS_MODULE,
  packages: [`${PROMETHEUS_MODULE}/cmd/prometheus`],
  tags: PROMETHEUS_TAGS,
};

/** Programs that no cluster needs and its users may, by name. */
export const PROGRAMS = {
  promtool: {
    ...PROMETHEUS,
    packages: [`${PROMETHEUS_MODULE}/cmd/promtool`],
    name: 'promtool',
  },
  versitygw: { folder: 'versitygw', of: 'github.com/versity/versitygw' },
} as const satisfies Record<string, GoModule>;

export type ProgramName = keyof typeof PROGRAMS;

/**
 * Builds a program from its module, unless it is in the cache.
 *
 * @returns its absolute path.
 * @throws {ClusterError} without Go, or with the compiler's output.
 */
export async function buildProgram(name: ProgramName, steps: Steps): Promise<string> {
  return join(await buildPrograms(PROGRAMS[name], steps), name);
}

/** The version that go.mod requires, such as v1.34.10. @throws {ClusterError} when it requires none. */
export function requiredVersion({ folder, of }: Required<Pick<GoModule, 'folder' | 'of'>>): string {
  const line = new RegExp(`^(?:require)?\\s*${escaped(of)} (v\\S+)`, 'm');
  const version = line.exec(goMod(folder))?.[1];
  if (version === undefined) {
    throw new ClusterError(
      `packages/local-cluster/go/${folder}/go.mod requires no version of ${of}; go get it`,
    );
  }
  return version;
}

/** The packages that the `tool` directives of a go.mod name: https://go.dev/ref/mod#go-mod-file-tool. */
export function toolsOf(goMod: string): string[] {
  const blocks = [...goMod.matchAll(/^tool \(\n([\s\S]*?)^\)/gm)].flatMap(([, block = '']) =>
    block.split('\n'),
  );
  const lines = [...goMod.matchAll(/^tool ([^(\s]\S*)/gm)].map(([, path = '']) => path);
  return [...blocks, ...lines].map((line) => line.replace(/\/\/.*/, '').trim()).filter(Boolean);
}

/** The packages that are built of a module, each a program. */
export function packagesOf({ folder, packages }: GoModule): readonly string[] {
  return packages ?? toolsOf(goMod(folder));
}

/** The folder of the cache that holds, or will hold, the module's programs, named as their packages are. */
export function programsFolder(module: GoModule): string {
  return join(cacheFolder(), `${module.name ?? module.folder}-${fullVersion(module)}`);
}

/** What other programs would have another of: the version, if it has one, and a digest of what they are built from. */
export function fullVersion(module: GoModule): string {
  const { folder, of } = module;
  const version = of === undefined ? [] : [requiredVersion({ folder, of })];
  return [...version, fingerprint(module)].join('-');
}

/**
 * Builds the module's programs into their {@link programsFolder} unless they are there, and returns it.
 *
 * @throws {ClusterError} without Go, or with the compiler's output.
 */
export async function buildPrograms(module: GoModule, steps: Steps): Promise<string> {
  const target = programsFolder(module);
  if (existsSync(target)) return target;
  const { folder, of } = module;
  const packages = packagesOf(module);
  const version = of === undefined ? '' : ` ${requiredVersion({ folder, of })}`;
  const names = packages.map((path) => (path === '.' ? folder : basename(path)));
  await steps.step(`build ${names.join(', ')}${version} from source`, () =>
    build(join(MODULES, folder), packages, buildFlags(module), target),
  );
  return target;
}

async function build(
  source: string,
  packages: readonly string[],
  flags: readonly string[],
  target: string,
) {
  await ensureGo();
  const staging = `${target}.staging-${process.pid}`;
  // One that is interrupted leaves what it has there.
  const GOTMPDIR = `${staging}.tmp`;
  for (const folder of [staging, GOTMPDIR]) mkdirSync(folder, { recursive: true });
  try {
    await go(source, ['build', ...flags, '-o', `${staging}/`, ...packages], { GOTMPDIR });
    renameSync(staging, target);
  } finally {
    for (const folder of [staging, GOTMPDIR]) rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Where the files of a required module are, as they were published: `config/crd` of an operator. They are downloaded
 * unless Go has them, and checked against go.sum.
 */
export async function moduleFolder({
  folder,
  of,
}: Required<Pick<GoModule, 'folder' | 'of'>>): Promise<string> {
  await ensureGo();
  const stdout = await go(join(MODULES, folder), ['mod', 'download', '-json', of]);
  return (JSON.parse(stdout) as { Dir: string }).Dir;
}

async function ensureGo(): Promise<void> {
  if (await succeeds(['go', 'version'])) return;
  throw new ClusterError(
    'the node is built from source and go cannot be run; install Go (https://go.dev/dl/)',
  );
}

async function go(
  cwd: string,
  args: readonly string[],
  variables: NodeJS.ProcessEnv = {},
): Promise<string> {
  // Flags of the caller's environment, such as -mod=vendor, are not meant for these modules.
  const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '', GOWORK: 'off', ...variables };
  const { stdout } = await run(['go', ...args], { cwd, env, timeout: BUILD_TIMEOUT });
  return stdout;
}

function buildFlags(module: GoModule): string[] {
  const tags = module.tags === undefined ? [] : ['-tags', module.tags.join(',')];
  return [...FLAGS, ...tags, '-ldflags', linkerFlags(module)];
}

/** Kubernetes' programs carry their version by the linker: hack/lib/version.sh of its repository. */
function linkerFlags(module: GoModule): string {
  const flags = ['-s', '-w'];
  if (module.folder !== KUBERNETES.folder) return flags.join(' ');
  const version = requiredVersion(KUBERNETES);
  const [, major = '', minor = ''] = /^v(\d+)\.(\d+)\./.exec(version) ?? [];
  const values = { gitVersion: version, gitMajor: major, gitMinor: minor, gitTreeState: 'clean' };
  for (const of of ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version']) {
    for (const [name, value] of Object.entries(values)) flags.push('-X', `${of}.${name}=${value}`);
  }
  return flags.join(' ');
}

/** Changes whenever other programs would come out. */
function fingerprint(module: GoModule): string {
  const source = join(MODULES, module.folder);
  const hash = createHash('sha256').update(JSON.stringify([process.arch, buildFlags(module)]));
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' });
  for (const path of files.filter((path) => /\.(?:go|mod|sum)$/.test(path)).sort()) {
    hash.update(`${path}\0`).update(readFileSync(join(source, path)));
  }
  return hash.digest('hex').slice(0, 12);
}

function goMod(folder: string): string {
  return readFileSync(join(MODULES, folder, 'go.mod'), 'utf8');
}

function escaped(text: string): string {
  return text.replaceAll(/[.\\/]/g, '\\$&');
}
