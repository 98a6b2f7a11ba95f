/** The one place that looks for programs and installs Debian's packages. */
import { spawn } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { ClusterError } from './cluster-error';
import type { Steps } from './steps';

/** What the node takes from Debian: program, and the package that has it. */
export const NODE_PROGRAMS = {
  etcd: 'etcd-server',
  containerd: 'containerd',
  'containerd-shim-runc-v2': 'containerd',
  ctr: 'containerd',
  runc: 'runc',
  '/usr/lib/cni/bridge': 'containernetworking-plugins',
  iptables: 'iptables',
  ipset: 'ipset',
  nft: 'nftables',
  ip: 'iproute2',
  sysctl: 'procps',
  nsenter: 'util-linux',
  umount: 'mount',
  openssl: 'openssl',
  tar: 'tar',
} as const satisfies Record<string, string>;

/** Where a program is: on the PATH, or where Debian keeps those for root; or at the absolute path that it is. */
export function findProgram(program: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  const paths = isAbsolute(program) ? [program] : folders.map((folder) => join(folder, program));
  return paths.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** The packages of those programs that are not on this machine, each once. */
export function missingPackages(programs: Readonly<Record<string, string>>): string[] {
  const missing = Object.entries(programs).filter(
    ([program]) => findProgram(program) === undefined,
  );
  return [...new Set(missing.map(([, name]) => name))].sort();
}

/** What to type to install packages. */
export function installCommand(packages: readonly string[]): string {
  return `apt-get install --no-install-recommends ${packages.join(' ')}`;
}

/** Why packages cannot be installed here, as the end of a sentence. Undefined where they can. */
export function whyNotInstall(): string | undefined {
  if (!isDebian()) return 'this is not Debian';
  return process.getuid?.() === 0 ? undefined : 'this is not root';
}

/**
 * Installs the packages of those programs that are not there.
 *
 * @throws {ClusterError} with the command to type, where packages cannot be installed or apt-get fails.
 * @returns the packages that were installed.
 */
export async function ensurePrograms(
  programs: Readonly<Record<string, string>>,
  steps: Steps,
): Promise<readonly string[]> {
  const packages = missingPackages(programs);
  await installPackages(packages, steps);
  const still = missingPackages(programs);
  if (still.length > 0) {
    throw new ClusterError(
      `${installCommand(packages)}: done, yet programs of ${still.join(', ')} are missing`,
    );
  }
  return packages;
}

/**
 * Installs Debian's packages by one run of apt-get, without starting their services. Waits for whoever else installs.
 *
 * @throws {ClusterError} with the command to type, where packages cannot be installed or apt-get fails.
 */
export async function installPackages(packages: readonly string[], steps: Steps): Promise<void> {
  if (packages.length === 0) return;
  const obstacle = whyNotInstall();
  if (obstacle !== undefined) {
    throw new ClusterError(
      `packages are missing, and cannot be installed, since ${obstacle}; as root on Debian: ${installCommand(packages)}`,
    );
  }
  await steps.step(`install ${packages.join(', ')}`, async () => {
    const install = ['install', '-y', '--no-install-recommends', ...packages];
    try {
      await aptGet(install, steps);
    } catch (error) {
      if (!(error instanceof AptFailure && error.ofOldLists)) throw error;
      await aptGet(['update'], steps);
      await aptGet(install, steps);
    }
  });
}

/** Milliseconds to wait for apt's locks, and between two attempts at one that apt-get itself does not wait for. */
const LOCK_TIMEOUT = 15 * 60_000;
const LOCK_INTERVAL = 1_000;
/** Milliseconds between two lines of progress. */
const PROGRESS_INTERVAL = 15_000;

/** What apt-get says when its lists of packages are missing, or name files that the mirror no longer has. */
const OLD_LISTS =
  /^E: (?:Unable to locate package|Package '.*' has no installation candidate|Failed to fetch|Unable to fetch|Unable to correct problems)/m;
const LOCKED =
  /^(?:Waiting for cache lock|E): Could not get lock .* held by (process \d+ \(.*?\))/m;

class AptFailure extends ClusterError {
  constructor(
    command: readonly string[],
    private readonly output: string,
  ) {
    const errors = output.split('\n').filter((line) => /^(?:E:|dpkg: error)/.test(line));
    super(
      [command.join(' '), ...(errors.length > 0 ? errors : output.split('\n').slice(-15))].join(
        '\n',
      ),
    );
  }

  get ofOldLists(): boolean {
    return OLD_LISTS.test(this.output);
  }

  get lockHolder(): string | undefined {
    return LOCKED.exec(this.output)?.[1];
  }
}

async function aptGet(args: readonly string[], steps: Steps): Promise<void> {
  const deadline = Date.now() + LOCK_TIMEOUT;
  const tellHolder = holderTeller(steps);
  for (;;) {
    try {
      await runAptGet(args, steps, tellHolder);
      return;
    } catch (error) {
      // Of the lock of its lists DPkg::Lock::Timeout says nothing: apt-get gives up at once.
      const holder = error instanceof AptFailure ? error.lockHolder : undefined;
      if (holder === undefined || Date.now() >= deadline) throw error;
      tellHolder(holder);
      await pause(LOCK_INTERVAL);
    }
  }
}

/** Names each holder of a lock once. */
function holderTeller(steps: Steps): (holder: string) => void {
  let told: string | undefined;
  return (holder) => {
    if (holder !== told) steps.note(`waiting for apt's lock, which ${holder} holds`);
    told = holder;
  };
}

function runAptGet(
  args: readonly string[],
  steps: Steps,
  tellHolder: (holder: string) => void,
): Promise<void> {
  const command = ['apt-get', '-q', ...args];
  const settings = [
    `DPkg::Lock::Timeout=${LOCK_TIMEOUT / 1000}`,
    'APT::Status-Fd=1',
    `DPkg::Pre-Invoke::=${FORBID_SERVICES}`,
    `DPkg::Post-Invoke::=${ALLOW_SERVICES}`,
  ].flatMap((setting) => ['-o', setting]);
  return new Promise((resolve, reject) => {
    const child = spawn('apt-get', ['-q', ...settings, ...args], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output: string[] = [];
    let progress: string | undefined;
    const timer = setInterval(() => {
      if (progress !== undefined) steps.note(progress);
      progress = undefined;
    }, PROGRESS_INTERVAL);
    const read = (line: string) => {
      const status = STATUS.exec(line)?.groups;
      const holder = LOCKED.exec(line)?.[1];
      if (status !== undefined)
        progress = `${Math.round(Number(status.percent))} %: ${status.what}`;
      else if (holder !== undefined && line.startsWith('Waiting')) tellHolder(holder);
      else output.push(line);
    };
    createInterface({ input: child.stdout }).on('line', read);
    createInterface({ input: child.stderr }).on('line', read);
    child.once('error', (error) => {
      clearInterval(timer);
      reject(new AptFailure(command, error.message));
    });
    child.once('close', (code) => {
      clearInterval(timer);
      if (code === 0) resolve();
      else reject(new AptFailure(command, output.join('\n')));
    });
  });
}

/** `dlstatus:1:2.5:Retrieving file 1 of 40`, `pmstatus:etcd-server:50.0:Unpacking`: README.progress-reporting of apt. */
const STATUS = /^(?:dl|pm)status:[^:]*(?::[^:0-9][^:]*)?:(?<percent>[\d.]+):(?<what>.*)/;

/**
 * invoke-rc.d(8) asks this program whether a package may start its service: the tests and the node run servers of
 * their own. It is made and removed under dpkg's lock, so that two installations do not remove each other's; one that
 * was there is left alone.
 */
const SERVICE_POLICY = '/usr/sbin/policy-rc.d';
const SIGNATURE = '# of an installation by user-service-kubernetes that has not ended';
const FORBID_SERVICES = `[ -e ${SERVICE_POLICY} ] || { printf '%s\\n' '#!/bin/sh' '${SIGNATURE}' 'exit 101' >${SERVICE_POLICY} && chmod 755 ${SERVICE_POLICY}; }`;
const ALLOW_SERVICES = `if grep -qsxF '${SIGNATURE}' ${SERVICE_POLICY}; then rm ${SERVICE_POLICY}; fi`;

function isDebian(): boolean {
  if (!existsSync('/etc/os-release')) return false;
  return /^ID(?:_LIKE)?="?(?:.*\s)?debian\b/m.test(readFileSync('/etc/os-release', 'utf8'));
}
