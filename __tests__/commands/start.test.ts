import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');

function start(...args: string[]) {
  const command = ['--import', 'tsx', 'commands/start.ts', ...args];
  return spawnSync(process.execPath, command, { cwd: ROOT, encoding: 'utf8' });
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
