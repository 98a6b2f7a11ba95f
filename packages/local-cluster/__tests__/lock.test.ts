import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withLock } from '../lock';
import { identify } from '../process-identity';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('withLock', () => {
  it('lets one in at a time, and leaves no file', async () => {
    const file = join(folder, 'lock');
    await withLock(file, 'at work', async () => {
      await expect(withLock(file, 'at work', () => Promise.resolve())).rejects.toThrow(
        `process ${process.pid} is at work (it holds ${file})`,
      );
    });
    expect(await withLock(file, 'at work', () => Promise.resolve('again'))).toBe('again');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is given back when the work fails', async () => {
    const file = join(folder, 'lock');
    await expect(
      withLock(file, 'at work', () => Promise.reject(new Error('broken'))),
    ).rejects.toThrow('broken');
    expect(existsSync(file)).toBe(false);
  });

  it('is taken from a holder that has died', async () => {
    const file = join(folder, 'lock');
    const holder = spawn('sleep', ['60'], { stdio: 'ignore' });
    const identity = identify(holder.pid ?? 0);
    writeFileSync(file, JSON.stringify(identity));
    await expect(withLock(file, 'at work', () => Promise.resolve())).rejects.toThrow(
      `process ${holder.pid ?? 0}`,
    );
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    expect(await withLock(file, 'at work', () => Promise.resolve('taken'))).toBe('taken');
  });

  it('is taken from a holder that wrote half of its name', async () => {
    const file = join(folder, 'lock');
    writeFileSync(file, '{"pid":');
    expect(await withLock(file, 'at work', () => Promise.resolve('taken'))).toBe('taken');
  });
});
