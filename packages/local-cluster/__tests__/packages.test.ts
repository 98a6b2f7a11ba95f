import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ensurePrograms,
  findProgram,
  installPackages,
  missingPackages,
  NODE_PROGRAMS,
  whyNotInstall,
} from '../packages';
import { Steps } from '../steps';
import { poll } from '../poll';

let folder: string;
let printed: string[];
const steps = () => new Steps((line) => printed.push(line));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'packages-'));
  printed = [];
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('findProgram', () => {
  it('finds by PATH and by absolute path', () => {
    expect(findProgram('sh')).toMatch(/\/sh$/);
    expect(findProgram('/bin/sh')).toBe('/bin/sh');
    expect(findProgram('no-such-program')).toBeUndefined();
    expect(findProgram('/bin/no-such-program')).toBeUndefined();
  });
});

describe('missingPackages', () => {
  it('names each package once, whichever of its programs is missing', () => {
    const programs = {
      'no-such-a': 'b-tools',
      'no-such-b': 'b-tools',
      sh: 'dash',
      none: 'a-tools',
    };
    expect(missingPackages(programs)).toEqual(['a-tools', 'b-tools']);
  });

  it('is empty when every program is there', () => {
    expect(missingPackages({ sh: 'dash', '/bin/sh': 'dash' })).toEqual([]);
  });
});

describe('NODE_PROGRAMS', () => {
  it('names packages as apt-get takes them', () => {
    for (const name of Object.values(NODE_PROGRAMS)) expect(name).toMatch(/^[a-z0-9][a-z0-9+.-]+$/);
  });
});

/** apt-get and dpkg with a repository, a state and locks of their own: nothing of this machine's is touched. */
class PackageWorld {
  readonly root = join(folder, 'root');
  readonly status = join(this.root, 'var/lib/dpkg/status');
  readonly lists = join(folder, 'lists');
  private readonly repository = join(folder, 'repository');
  private readonly before = process.env.APT_CONFIG;

  constructor() {
    for (const path of ['lists/partial', 'cache/archives/partial', 'repository', 'log', 'empty']) {
      mkdirSync(join(folder, path), { recursive: true });
    }
    for (const path of ['info', 'updates', 'triggers'])
      mkdirSync(join(this.root, 'var/lib/dpkg', path), { recursive: true });
    writeFileSync(this.status, '');
    writeFileSync(join(folder, 'sources.list'), `deb [trusted=yes] copy:${this.repository} ./\n`);
    writeFileSync(
      join(folder, 'apt.conf'),
      `Dir::State "${folder}";
Dir::State::status "${this.status}";
Dir::State::lists "${this.lists}";
Dir::Cache "${folder}/cache";
Dir::Log "${folder}/log";
Dir::Etc::sourcelist "${folder}/sources.list";
Dir::Etc::sourceparts "${folder}/empty";
Dir::Etc::parts "${folder}/empty";
Dir::Etc::preferencesparts "${folder}/empty";
APT::Sandbox::User "root";
DPkg::Options { "--root=${this.root}"; "--force-not-root"; };
`,
    );
    process.env.APT_CONFIG = join(folder, 'apt.conf');
  }

  leave(): void {
    if (this.before === undefined) delete process.env.APT_CONFIG;
    else process.env.APT_CONFIG = this.before;
  }

  update(): void {
    execFileSync('apt-get', ['update'], { env: { ...process.env }, stdio: 'ignore' });
  }

  /** Replaces what the repository has by one package with one file, the program. */
  publish(name: string, program: string): void {
    rmSync(this.repository, { recursive: true });
    const tree = join(folder, 'tree');
    mkdirSync(join(tree, 'DEBIAN'), { recursive: true });
    mkdirSync(join(tree, 'bin'));
    writeFileSync(join(tree, 'bin', program), '#!/bin/sh\n', { mode: 0o755 });
    const control = `Package: ${name}\nVersion: 1\nArchitecture: all\nMaintainer: nobody\nDescription: none\n`;
    writeFileSync(join(tree, 'DEBIAN', 'control'), control);
    mkdirSync(this.repository);
    const file = join(this.repository, `${name}.deb`);
    execFileSync('dpkg-deb', ['--build', '--root-owner-group', tree, file], { stdio: 'ignore' });
    rmSync(tree, { recursive: true });
    const content = readFileSync(file);
    writeFileSync(
      join(this.repository, 'Packages'),
      `${control}Filename: ./${name}.deb\nSize: ${content.length}\nSHA256: ${createHash('sha256').update(content).digest('hex')}\n`,
    );
  }
}

/** A process that holds a lock as apt-get does, by fcntl(2), until it is killed. */
async function holdLock(file: string): Promise<ChildProcess> {
  const script = `use Fcntl; $| = 1; open my $file, '>>', $ARGV[0] or die;
    my $lock = pack 's s x4 q q i', F_WRLCK, 0, 0, 0, 0;
    fcntl $file, F_SETLK, $lock or die; print 'held'; sleep 3600`;
  const holder = spawn('perl', ['-e', script, file], { stdio: ['ignore', 'pipe', 'inherit'] });
  await Promise.race([
    once(holder.stdout, 'data'),
    once(holder, 'exit').then(() => Promise.reject(new Error(`${file} is not locked`))),
  ]);
  return holder;
}

// Elsewhere nothing is ever installed: the command is said instead.
(whyNotInstall() === undefined ? describe : describe.skip)('installPackages', () => {
  let world: PackageWorld;
  beforeEach(() => {
    world = new PackageWorld();
    world.publish('first-tool', 'first');
  });
  afterEach(() => {
    world.leave();
  });
  const installed = (program: string) => existsSync(join(world.root, 'bin', program));

  it('installs, with lists that it gets because there are none', async () => {
    await installPackages(['first-tool'], steps());
    expect(installed('first')).toBe(true);
    expect(printed.at(-1)).toMatch(/^ {2}ok {3}install first-tool \(\d/);
  });

  it('leaves lists alone that do', async () => {
    world.update();
    // Were they got again, the package would be gone from them.
    writeFileSync(join(folder, 'repository', 'Packages'), '');
    await installPackages(['first-tool'], steps());
    expect(installed('first')).toBe(true);
  });

  it('gets lists again that name what the mirror no longer has', async () => {
    world.update();
    world.publish('second-tool', 'second');
    await installPackages(['second-tool'], steps());
    expect(installed('second')).toBe(true);
  });

  it.each(['root/var/lib/dpkg/lock-frontend', 'lists/lock'])(
    'waits for whoever holds %s, and says who',
    async (path) => {
      const holder = await holdLock(join(folder, path));
      const installation = installPackages(['first-tool'], steps());
      try {
        const told = `waiting for apt's lock, which process ${holder.pid} (perl) holds`;
        await poll({ what: told, timeout: 300_000 }, () =>
          Promise.resolve(
            printed.some((line) => line.trim() === told)
              ? { found: undefined }
              : { lastSeen: printed.join('\n') },
          ),
        );
        expect(installed('first')).toBe(false);
      } finally {
        holder.kill();
        await installation;
      }
      expect(installed('first')).toBe(true);
    },
  );

  it('says in one error what apt-get said, with the command', async () => {
    await expect(installPackages(['no-such-tool'], steps())).rejects.toThrow(
      /^install no-such-tool: apt-get -q install -y --no-install-recommends no-such-tool\nE: Unable to locate package no-such-tool$/,
    );
  });

  it('is not content with a package that does not have the program', async () => {
    await expect(ensurePrograms({ 'no-such-program': 'first-tool' }, steps())).rejects.toThrow(
      'apt-get install --no-install-recommends first-tool: done, yet programs of first-tool are missing',
    );
  });
});
