/** Builds the tools that a Go module of ../go names, into a cache outside of the repository. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { run, succeeds } from '../command';
import { ClusterRefusal } from '../refusal';
import type { Steps } from '../steps';
import { cacheFolder } from './layout';

const MODULES = join(__dirname, '../go');
/** From an empty build cache, on two cores that others use too. */
const BUILD_TIMEOUT = 45 * 60_000;
const FLAGS = ['-buildvcs=false', '-trimpath'] as const;

export interface GoModule {
  /** Folder below cluster/go. */
  readonly folder: string;
  /** The module whose programs are built; its version is the one that go.mod requires. */
  readonly of: string;
}

export const KUBERNETES: GoModule = { folder: 'kubernetes', of: 'k8s.io/kubernetes' };
export const COREDNS: GoModule = { folder: 'coredns', of: 'github.com/coredns/coredns' };
export const LOCAL_PATH_PROVISIONER: GoModule = {
  folder: 'local-path-provisioner',
  of: 'github.com/rancher/local-path-provisioner',
};

/** The version that go.mod requires, such as v1.34.10. @throws {ClusterRefusal} when it requires none. */
export function requiredVersion({ folder, of }: GoModule): string {
  const file = join(MODULES, folder, 'go.mod');
  const version = new RegExp(`^(?:require)?\\s*${escaped(of)} (v\\S+)`, 'm').exec(
    readFileSync(file, 'utf8'),
  )?.[1];
  if (version === undefined)
    throw new ClusterRefusal(`${file} requires no version of ${of}; run go get ${of}`);
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

/** The folder of the cache that holds, or will hold, the module's tools, named as their packages are. */
export function toolsFolder(module: GoModule): string {
  const print = fingerprint(join(MODULES, module.folder), buildFlags(module));
  return join(cacheFolder(), `${module.folder}-${requiredVersion(module)}-${print}`);
}

/**
 * Builds the module's tools into their {@link toolsFolder} unless they are there, and returns it.
 *
 * @throws {ClusterRefusal} without Go, or with the compiler's output.
 */
export async function buildTools(module: GoModule, steps: Steps): Promise<string> {
  const target = toolsFolder(module);
  if (existsSync(target)) return target;
  const source = join(MODULES, module.folder);
  const packages = toolsOf(readFileSync(join(source, 'go.mod'), 'utf8'));
  const names = packages.map((path) => basename(path)).join(', ');
  await steps.step(`build ${names} ${requiredVersion(module)} from source`, () =>
    build(source, packages, buildFlags(module), target),
  );
  return target;
}

/** Builds the packages of a module of our own, which has no requirements. */
export async function buildOwn(
  folder: string,
  packages: readonly string[],
  steps: Steps,
): Promise<string> {
  const source = join(MODULES, folder);
  const flags = [...FLAGS, '-ldflags', '-s -w'];
  const target = join(cacheFolder(), `${folder}-${fingerprint(source, flags)}`);
  if (existsSync(target)) return target;
  const paths = packages.map((name) => `./${name}`);
  await steps.step(`build ${packages.join(', ')} from source`, () =>
    build(source, paths, flags, target),
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
    throw new ClusterRefusal(
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
  if (module !== KUBERNETES) return flags.join(' ');
  const version = requiredVersion(module);
  const [, major = '', minor = ''] = /^v(\d+)\.(\d+)\./.exec(version) ?? [];
  const values = { gitVersion: version, gitMajor: major, gitMinor: minor, gitTreeState: 'clean' };
  for (const of of ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version']) {
    for (const [name, value] of Object.entries(values)) flags.push('-X', `${of}.${name}=${value}`);
  }
  return flags.join(' ');
}

/** Changes whenever other binaries would come out. */
function fingerprint(source: string, flags: readonly string[]): string {
  const hash = createHash('sha256').update(JSON.stringify([process.arch, flags]));
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((path) =>
    /\.(?:go|mod|sum)$/.test(path),
  );
  for (const path of files.sort())
    hash.update(`${path}\0`).update(readFileSync(join(source, path)));
  return hash.digest('hex').slice(0, 12);
}

function escaped(text: string): string {
  return text.replaceAll(/[.\\/]/g, '\\$&');
}
