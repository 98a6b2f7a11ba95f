/** What the node takes from Debian's packages. */
import { accessSync, constants, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { run } from '../run';
import { ClusterError } from '../cluster-error';

/** Program, and the Debian package that has it. */
export const NODE_PROGRAMS = {
  etcd: 'etcd-server',
  containerd: 'containerd',
  'containerd-shim-runc-v2': 'containerd',
  ctr: 'containerd',
  runc: 'runc',
  '/usr/lib/cni/bridge': 'containernetworking-plugins',
  iptables: 'iptables',
  nft: 'nftables',
  ip: 'iproute2',
  sysctl: 'procps',
  nsenter: 'util-linux',
  umount: 'mount',
  openssl: 'openssl',
  tar: 'tar',
} as const satisfies Record<string, string>;

/** invoke-rc.d(8) asks this program whether a package may start its service. */
const SERVICE_POLICY = '/usr/sbin/policy-rc.d';
const FORBID_SERVICES = '#!/bin/sh\nexit 101\n';
const INSTALL_TIMEOUT = 10 * 60_000;

/** The packages of those programs that are not on this machine, each once. */
export function missingPackages(
  programs: Readonly<Record<string, string>>,
  isThere = exists,
): string[] {
  const missing = Object.entries(programs).filter(([program]) => !isThere(program));
  return [...new Set(missing.map(([, name]) => name))].sort();
}

/**
 * Installs what is missing.
 *
 * @throws {ClusterError} with the command to type, when this is not Debian or not root.
 * @returns the packages that were installed.
 */
export async function ensurePrograms(
  programs: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const packages = missingPackages(programs);
  if (packages.length === 0) return [];
  const mend = `apt-get install --no-install-recommends ${packages.join(' ')}`;
  if (!isDebian()) {
    throw new ClusterError(
      `this machine lacks programs of Debian's packages ${packages.join(', ')}; install them`,
    );
  }
  if (process.getuid?.() !== 0) throw new ClusterError(`packages are missing; as root: ${mend}`);
  await withoutServices(async () => {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    await run(['apt-get', 'update', '-q'], { env, timeout: INSTALL_TIMEOUT });
    await run(['apt-get', 'install', '-q', '-y', '--no-install-recommends', ...packages], {
      env,
      timeout: INSTALL_TIMEOUT,
    });
  });
  const still = missingPackages(programs);
  if (still.length > 0)
    throw new ClusterError(`${mend}: installed, yet programs of ${still.join(', ')} are missing`);
  return packages;
}

/** The machine's own etcd and containerd are not to start: the node runs its own. */
async function withoutServices(work: () => Promise<void>): Promise<void> {
  const ours = !existsSync(SERVICE_POLICY);
  if (ours) writeFileSync(SERVICE_POLICY, FORBID_SERVICES, { mode: 0o755 });
  try {
    await work();
  } finally {
    if (ours) rmSync(SERVICE_POLICY, { force: true });
  }
}

function isDebian(): boolean {
  if (!existsSync('/etc/os-release')) return false;
  return /^ID(?:_LIKE)?="?(?:.*\s)?debian\b/m.test(readFileSync('/etc/os-release', 'utf8'));
}

function exists(program: string): boolean {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return (isAbsolute(program) ? [program] : folders.map((folder) => join(folder, program))).some(
    (path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    },
  );
}
