import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');

// A cache of its own: whoever uses this machine's cluster meanwhile locks it.
const cache = mkdtempSync(join(tmpdir(), 'start-'));
afterAll(() => {
  rmSync(cache, { recursive: true });
});

function start(...args: string[]) {
  const command = ['--import', 'tsx', 'commands/start.ts', ...args];
  const env = { ...process.env, XDG_CACHE_HOME: cache };
  return spawnSync(process.execPath, command, { cwd: ROOT, encoding: 'utf8', env });
}

it.each([
  [['--registry='], '--registry must not be empty'],
  [['--contxt', 'kind-a'], "Unknown option '--contxt'"],
  [['now'], "Unexpected argument 'now'"],
])('npm start -- %j is wrong usage: it says what is wrong, and ends with 2', (args, message) => {
  const { status, stdout, stderr } = start(...args);
  expect(stderr).toContain(message);
  expect(stderr).toContain('usage: npm start');
  expect(stdout).toBe('');
  expect(status).toBe(2);
});

it('names the cluster that it cannot use in one message, and ends with 1', () => {
  const { status, stdout, stderr } = start('--context', 'no-such-context');
  expect(stderr).toContain('no-such-context');
  expect(stderr).not.toContain('    at ');
  expect(stdout).toBe('');
  expect(status).toBe(1);
});
