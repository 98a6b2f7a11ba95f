/** A minimal Debian that has Git, and this machine's Node and Go: nothing else of this machine is seen in it. */
import { createHash } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { cacheFolder, run, type Steps } from 'local-cluster';
import { aptSettings, aptSources } from './settings';

const SUITE = 'bookworm';
const PACKAGES = ['git', 'ca-certificates'] as const;
const TIMEOUT = 10 * 60_000;

/** Unpacks the root into a folder that is there. It is made once and kept in the cache folder, by its definition. */
export async function unpackDebianRoot(folder: string, steps: Steps): Promise<void> {
  const sources = aptSources(SUITE);
  const options = [
    ...['--variant=minbase', `--include=${PACKAGES.join(',')}`],
    ...aptSettings()
      .split('\n')
      .filter(Boolean)
      .map((setting) => `--aptopt=${setting}`),
  ];
  const hash = createHash('sha256').update(JSON.stringify([process.arch, SUITE, options]));
  for (const source of sources) hash.update(readFileSync(source));
  const tar = join(cacheFolder(), 'roots', `fresh-${hash.digest('hex').slice(0, 12)}.tar`);
  if (!existsSync(tar)) {
    await steps.step(`make a Debian root with ${PACKAGES.join(' and ')}`, async () => {
      mkdirSync(dirname(tar), { recursive: true });
      const staging = `${tar}.${process.pid}`;
      try {
        await run(
          ['mmdebstrap', '--quiet', '--format=tar', ...options, SUITE, staging, ...sources],
          {
            timeout: TIMEOUT,
          },
        );
        renameSync(staging, tar);
      } finally {
        rmSync(staging, { force: true });
      }
    });
  }
  await run(['tar', '--extract', `--directory=${folder}`, `--file=${tar}`], { timeout: TIMEOUT });
}

/** What is seen of this machine, read-only: where it is here, by where it is in the root. */
export type Shown = Readonly<Record<string, string>>;

/**
 * The command that runs a line of bash in the root, in namespaces of its own: its mounts go with it, and so do its
 * processes when it is killed.
 */
export function commandIn(
  root: string,
  shown: Shown,
  env: Readonly<Record<string, string>>,
  line: string,
): readonly [string, ...string[]] {
  const show = Object.entries(shown).flatMap(([path, here]) => [here, path]);
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  return [
    ...(['unshare', '--mount', '--pid', '--ipc', '--uts', '--fork', '--kill-child'] as const),
    ...['sh', '-euc', ENTER, 'enter', root, ...show, '--', 'env', '-i', ...variables],
    // Not the last thing that it does: bash stays, and reaps what others leave to the first process.
    ...['bash', '-c', `${line}\nexit $?`],
  ];
}

const ENTER = `
root=$1; shift
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=755 dev "$root/dev"
for device in null zero full random urandom tty; do
  : >"$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
mount -t tmpfs -o mode=1777 shm "$root/dev/shm"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
ln -s /proc/self/fd/0 "$root/dev/stdin"
ln -s /proc/self/fd/1 "$root/dev/stdout"
ln -s /proc/self/fd/2 "$root/dev/stderr"
while [ "$1" != -- ]; do
  if [ -d "$1" ]; then mkdir -p "$root$2"; else mkdir -p "$(dirname "$root$2")"; : >"$root$2"; fi
  mount --bind "$1" "$root$2"
  mount -o remount,bind,ro "$root$2"
  shift 2
done
shift
exec chroot "$root" "$@"
`;

const NODE_PROGRAMS = ['node', 'npm', 'npx'].map((name) => `/usr/local/bin/${name}`);
const FOLDERS = ['usr/local/sbin', 'usr/local/bin', 'usr/sbin', 'usr/bin'] as const;

/** Programs of the root that no package of its own has brought, but for Node's. */
export function foreignPrograms(root: string): string[] {
  const lists = join(root, 'var/lib/dpkg/info');
  const packaged = new Set(
    readdirSync(lists)
      .filter((file) => file.endsWith('.list'))
      .flatMap((file) => readFileSync(join(lists, file), 'utf8').split('\n'))
      // /bin and /sbin are links to these in usr.
      .map((path) => path.replace(/^\/(s?bin)\//, '/usr/$1/')),
  );
  return FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join('/', folder, entry.name)),
  ).filter(
    (path) => !packaged.has(path) && !NODE_PROGRAMS.includes(path) && !isAlternative(root, path),
  );
}

/** Whether it is a link that update-alternatives(1) has made. */
function isAlternative(root: string, path: string): boolean {
  const file = join(root, path);
  return lstatSync(file).isSymbolicLink() && readlinkSync(file).startsWith('/etc/alternatives/');
}
