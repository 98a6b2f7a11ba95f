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
  /** Packages of the folder's own to build. @default none: those that go.mod names as tools */
  readonly packages?: readonly string[];
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
export const NODE_IMAGES: GoModule = {
  folder: 'node-images',
  packages: ['./pause', './volume'],
};

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

/** The folder of the cache that holds, or will hold, the module's programs, named as their packages are. */
export function programsFolder(module: GoModule): string {
  const { folder, of } = module;
  const version = of === undefined ? [] : [requiredVersion({ folder, of })];
  return join(cacheFolder(), [folder, ...version, fingerprint(module)].join('-'));
}

/**
 * Builds the module's programs into their {@link programsFolder} unless they are there, and returns it.
 *
 * @throws {ClusterError} without Go, or with the compiler's output.
 */
export async function buildPrograms(module: GoModule, steps: Steps): Promise<string> {
  const target = programsFolder(module);
  if (existsSync(target)) return target;
  const { folder, of, packages = toolsOf(goMod(folder)) } = module;
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
  if (!(await succeeds(['go', 'version']))) {
    throw new ClusterError(
      'the node is built from source and go cannot be run; install Go (https://go.dev/dl/)',
    );
  }
  const staging = `${target}.staging-${process.pid}`;
  mkdirSync(staging, { recursive: true });
  try {
    // Flags of the caller's environment, such as -mod=vendor, are not meant for these modules.
    const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '', GOWORK: 'off' };
    await run(['go', 'build', ...flags, '-o', `${staging}/`, ...packages], {
      cwd: source,
      env,
      timeout: BUILD_TIMEOUT,
    });
    renameSync(staging, target);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

function buildFlags(module: GoModule): string[] {
  return [...FLAGS, '-ldflags', linkerFlags(module)];
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
