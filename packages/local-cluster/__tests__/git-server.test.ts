import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildPrograms, GIT_SERVER } from '../go-programs';
import { poll } from '../poll';
import { Steps } from '../steps';

let folder: string;
let server: ChildProcess;
let url: string;

const git = (...args: string[]): string => {
  const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com'];
  return execFileSync('git', [...identity, ...args], { encoding: 'utf8', stdio: 'pipe' });
};

async function freePort(): Promise<number> {
  const listener = createServer();
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const { port } = listener.address() as AddressInfo;
  await new Promise((resolve) => listener.close(resolve));
  return port;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'git-server-'));
  const program = join(await buildPrograms(GIT_SERVER, new Steps(() => undefined)), 'git-server');
  const address = `127.0.0.1:${await freePort()}`;
  server = spawn(program, ['-root', folder, '-address', address], { stdio: 'ignore' });
  url = `http://${address}`;
  await poll({ what: 'the server to answer', timeout: 300_000 }, async () => {
    try {
      return { found: (await fetch(`${url}/healthz`)).ok };
    } catch (error) {
      return { lastSeen: (error as Error).message };
    }
  });
  git('init', '--quiet', '--bare', '--initial-branch=main', join(folder, 'demo.git'));
  git('clone', '--quiet', join(folder, 'demo.git'), join(folder, 'author'));
  writeFileSync(join(folder, 'author', 'file'), 'first');
  git('-C', join(folder, 'author'), 'add', 'file');
  git('-C', join(folder, 'author'), 'commit', '--quiet', '--message=First');
  git('-C', join(folder, 'author'), 'push', '--quiet', 'origin', 'HEAD:main');
});
afterAll(() => {
  server.kill();
  rmSync(folder, { recursive: true });
});

describe('git-server', () => {
  it('gives what was pushed into the folder', () => {
    git('clone', '--quiet', `${url}/demo.git`, join(folder, 'reader'));
    expect(readFileSync(join(folder, 'reader', 'file'), 'utf8')).toBe('first');
  });

  it('takes no push', () => {
    expect(() =>
      git('-C', join(folder, 'author'), 'push', `${url}/demo.git`, 'HEAD:refs/heads/other'),
    ).toThrow('403');
  });

  it('knows no other folder', () => {
    expect(() => git('ls-remote', `${url}/other.git`)).toThrow('not found');
  });
});
