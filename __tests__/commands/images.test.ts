import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Repository } from './repository';

const CRANE = 'github.com/google/go-containerregistry/cmd/crane@v0.22.1';
const folder = mkdtempSync(join(tmpdir(), 'images-'));
const crane = join(folder, 'crane');

let repository: Repository;
let registry: ChildProcess;
/** Host and port of an empty registry on loopback. */
let host: string;

beforeAll(async () => {
  repository = new Repository();
  execFileSync('go', ['install', CRANE], { env: { ...process.env, GOBIN: folder, GOFLAGS: '' } });
  registry = spawn(crane, ['registry', 'serve', '--address', '127.0.0.1:0']);
  host = await new Promise<string>((resolve, reject) => {
    let log = '';
    registry.stderr?.on('data', (chunk: Buffer) => {
      log += chunk.toString();
      const port = /serving on port (\d+)/.exec(log)?.[1];
      if (port !== undefined) resolve(`localhost:${port}`);
    });
    registry.once('exit', () => {
      reject(new Error(log));
    });
  });
});
beforeEach(() => {
  repository.restore();
});
afterAll(async () => {
  const ended = new Promise((resolve) => registry.once('exit', resolve));
  registry.kill();
  await ended;
  repository.remove();
  rmSync(folder, { recursive: true });
});

/** Pushes an image of one file, and returns the digest that the registry has for it. */
function push(image: string, content: string): string {
  const layer = join(folder, 'layer');
  writeFileSync(layer, content);
  execFileSync('tar', ['-C', folder, '-cf', `${layer}.tar`, 'layer']);
  execFileSync(crane, ['append', '-f', `${layer}.tar`, '-t', image], { stdio: 'pipe' });
  return execFileSync(crane, ['digest', image], { encoding: 'utf8' }).trim();
}

it('writes the digest that the registry gives behind the tag, and synthesizes', () => {
  const image = `${host}/redis:7.4`;
  const digest = push(image, 'one');
  repository.edit(
    'images.json',
    '"production/redis": "redis:7.4"',
    `"production/redis": "${image}"`,
  );
  expect(repository.run('images', 'pin', 'production/redis')).toMatchObject({ code: 0 });
  expect(repository.read('images.json')).toContain(`"production/redis": "${image}@${digest}"`);
  expect(repository.read('dist/production/redis.k8s.yaml')).toContain(`image: ${image}@${digest}`);

  expect(repository.run('images', 'pin', 'production/redis').output).toContain(
    '1 images are pinned',
  );
  const moved = push(image, 'two');
  expect(repository.run('images', 'pin', 'production/redis').output).toContain(`${image}@${moved}`);
});

it('changes nothing when one of them cannot be had', () => {
  const image = `${host}/redis:7.4`;
  push(image, 'one');
  repository.edit(
    'images.json',
    '"production/redis": "redis:7.4"',
    `"production/redis": "${image}"`,
  );
  repository.edit(
    'images.json',
    '"production/mysql": "mysql:8.4"',
    `"production/mysql": "${host}/mysql:8.4"`,
  );
  const before = repository.outputs();
  const { code, output } = repository.run('images', 'pin', 'production/redis', 'production/mysql');
  expect(output).toMatch(/^production\/mysql: localhost:\d+\/mysql:8.4: .*NAME_UNKNOWN/m);
  expect(output).toContain('Nothing was changed.');
  expect(code).toBe(1);
  expect(repository.outputs()).toEqual(before);
});

it('names what it does not know', () => {
  expect(repository.run('images', 'pin', 'production/redi')).toMatchObject({ code: 1 });
  expect(repository.run('images', 'unpin')).toMatchObject({ code: 2 });
});
