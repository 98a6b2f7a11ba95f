import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import {
  identify,
  isRunning,
  ownIdentity,
  parseStat,
  signal,
  type ProcessIdentity,
} from '../process-identity';

const children: ChildProcess[] = [];

function start(program: string): { child: ChildProcess; identity: ProcessIdentity } {
  const child = spawn(program, ['60'], { stdio: 'ignore' });
  children.push(child);
  const identity = child.pid === undefined ? undefined : identify(child.pid);
  if (identity === undefined) throw new Error(`${program} did not start`);
  return { child, identity };
}

afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
});

describe('a recorded process', () => {
  it('runs until it is ended by its record', async () => {
    const { child, identity } = start('sleep');
    expect(isRunning(identity)).toBe(true);
    expect(signal(identity, 'SIGTERM')).toBe(true);
    await once(child, 'exit');
    expect(isRunning(identity)).toBe(false);
    expect(signal(identity, 'SIGKILL')).toBe(false);
  });

  it('is never signalled when its id has gone to another process since', () => {
    const { child, identity } = start('sleep');
    const recycled = { ...identity, startTime: String(Number(identity.startTime) - 1) };
    expect(signal(recycled, 'SIGKILL')).toBe(false);
    expect(isRunning(identity)).toBe(true);
    expect(child.exitCode).toBeNull();
  });

  it('is never signalled after a reboot', () => {
    const { identity } = start('sleep');
    expect(signal({ ...identity, bootId: 'another' }, 'SIGKILL')).toBe(false);
    expect(isRunning(identity)).toBe(true);
  });

  it('is told by its start time whatever the program is called', () => {
    const folder = mkdtempSync(join(tmpdir(), 'process-'));
    try {
      const program = join(folder, 'a) S 1 (b');
      copyFileSync('/bin/sleep', program);
      const { identity } = start(program);
      expect(readFileSync(`/proc/${identity.pid}/stat`, 'utf8')).toContain('(');
      expect(isRunning(identity)).toBe(true);
      expect(identity.startTime).toMatch(/^\d{2,}$/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

it('a process knows its own identity', () => {
  expect(isRunning(ownIdentity())).toBe(true);
  expect(ownIdentity().pid).toBe(process.pid);
});

it('an id that no process has has no identity', () => {
  expect(identify(2 ** 22 + 1)).toBeUndefined();
});

describe('parseStat', () => {
  const rest = ' S 1 2 3 0 -1 4 5 6 7 8 9 10 11 12 20 0 1 0 4711 99 100';

  it('finds state and start time behind any program name', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 15 }), (name) => {
        expect(parseStat(`42 (${name})${rest}`)).toEqual({ state: 'S', startTime: '4711' });
      }),
    );
  });

  it('takes no other text for one', () => {
    expect(parseStat('')).toBeUndefined();
    expect(parseStat('42 (sleep) S 1')).toBeUndefined();
    expect(parseStat(rest)).toBeUndefined();
  });
});
