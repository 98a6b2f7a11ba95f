/** What the suites need of a machine besides Node. */
import { NODE_PROGRAMS } from 'local-cluster';

export interface Need {
  /** Any one of these will do: programs, looked for on the PATH and where root's are, or absolute paths of files. */
  readonly anyOf: readonly [string, ...string[]];
  /** Debian's packages that bring it. @default - Debian 12 has none that will do: see `from` */
  readonly packages?: readonly [string, ...string[]];
  /** Where it is to be had, if not from Debian. */
  readonly from?: string;
  /** Environment variable that names another program. Suites are given the one that was found by this name. */
  readonly variable?: string;
  /** Environment variable with the address of a server, or the context of a cluster, that is there already. */
  readonly address?: string;
  /** A command that ends with 0 if what was found is whole. @default - what is there is whole */
  readonly probe?: readonly [program: string, ...args: string[]];
  /** What will do where packages cannot be installed, such as an engine for containers. */
  readonly orElse?: readonly string[];
}

const ENGINES = ['podman', 'docker'] as const;

/** A new need is a line here, and its name in the `needs` of each suite that has it. */
const PROGRAMS = {
  go: { anyOf: ['go'], from: 'https://go.dev/dl/' },
  git: { anyOf: ['git'], packages: ['git'] },
  // go test -race links with C.
  gcc: {
    anyOf: ['gcc'],
    packages: ['gcc', 'libc6-dev'],
    probe: ['gcc', '-E', '-x', 'c', '-include', 'stdlib.h', '/dev/null'],
  },
  promtool: { anyOf: ['promtool'], packages: ['prometheus'] },
  openssl: { anyOf: ['openssl'], packages: ['openssl'] },
  kubectl: { anyOf: ['kubectl'], packages: ['kubernetes-client'], variable: 'KUBECTL' },
  chromium: {
    anyOf: ['chromium', 'chromium-browser', 'google-chrome'],
    packages: ['chromium'],
    variable: 'CHROMIUM_PATH',
  },
  mysql: {
    anyOf: ['mariadbd', 'mysqld'],
    packages: ['mariadb-server'],
    address: 'TEST_MYSQL_ADDR',
    orElse: ENGINES,
  },
  redis: {
    anyOf: ['redis-server'],
    packages: ['redis-server'],
    address: 'TEST_REDIS_ADDR',
    orElse: ENGINES,
  },
  python: {
    anyOf: ['python3'],
    packages: ['python3-venv'],
    probe: ['python3', '-c', 'import ensurepip, venv'],
  },
  curl: { anyOf: ['curl'], packages: ['curl'] },
  unshare: { anyOf: ['unshare'], packages: ['util-linux'] },
  mmdebstrap: { anyOf: ['mmdebstrap'], packages: ['mmdebstrap'] },
  buildah: { anyOf: ['buildah'], packages: ['buildah'] },
  podman: { anyOf: ['podman'], packages: ['podman'] },
  runc: { anyOf: ['runc'], packages: ['runc'] },
  iptables: { anyOf: ['iptables'], packages: ['iptables'] },
  netavark: { anyOf: ['/usr/lib/podman/netavark'], packages: ['netavark'] },
  'aardvark-dns': { anyOf: ['/usr/lib/podman/aardvark-dns'], packages: ['aardvark-dns'] },
} as const satisfies Readonly<Record<string, Need>>;

export type NeedName = keyof typeof PROGRAMS | keyof typeof NODE_PROGRAMS;

export const NEEDS: Readonly<Record<NeedName, Need>> = {
  ...(Object.fromEntries(
    Object.entries(NODE_PROGRAMS).map(([program, name]): [string, Need] => [
      program,
      { anyOf: [program], packages: [name], address: 'E2E_CONTEXT', orElse: ['kind'] },
    ]),
  ) as Record<keyof typeof NODE_PROGRAMS, Need>),
  ...PROGRAMS,
};

/** All that the node from source needs. */
export const NODE_NEEDS = Object.keys(NODE_PROGRAMS) as readonly (keyof typeof NODE_PROGRAMS)[];
