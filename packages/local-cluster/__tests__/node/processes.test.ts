import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { controlGroups, giveProcessors, killAll } from '../../node/processes';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cgroup-'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

describe('killAll', () => {
  it('kills what is listed, and what comes meanwhile, until nothing is', async () => {
    const alive = new Set<number>();
    const start = () => {
      const { pid = 0 } = spawn('sleep', ['60'], { stdio: 'ignore' }).once('exit', () => {
        alive.delete(pid);
      });
      alive.add(pid);
    };
    start();
    let lists = 0;
    await killAll('a test', () => {
      if (lists++ < 3) start();
      return [...alive];
    });
    expect([lists > 3, alive.size]).toEqual([true, 0]);
  });
});

describe('controlGroups', () => {
  it('finds one for each controller of version 1', () => {
    for (const path of ['cpu/kubepods', 'memory/kubepods', 'pids/user.slice']) {
      mkdirSync(join(root, path), { recursive: true });
    }
    expect(controlGroups('kubepods', root).sort()).toEqual([
      join(root, 'cpu/kubepods'),
      join(root, 'memory/kubepods'),
    ]);
  });

  it('finds the one of version 2', () => {
    for (const path of ['kubepods/burstable', 'system.slice/kubepods']) {
      mkdirSync(join(root, path), { recursive: true });
    }
    writeFileSync(join(root, 'cgroup.controllers'), 'cpu memory');
    expect(controlGroups('kubepods', root)).toEqual([join(root, 'kubepods')]);
  });

  it('finds none where no kubelet has run', () => {
    expect(controlGroups('kubepods', root)).toEqual([]);
  });
});

describe('giveProcessors', () => {
  it.each([
    { version: 1, controller: 'cpu/', file: 'cpu.shares', value: '2048' },
    { version: 2, controller: '', file: 'cpu.weight', value: '79' },
  ])('weighs as the Pods of a machine with two do, version $version', (expected) => {
    const { version, controller, file, value } = expected;
    if (version === 2) writeFileSync(join(root, 'cgroup.controllers'), 'cpu memory');
    const group = join(root, controller, 'node-2');
    mkdirSync(group, { recursive: true });
    writeFileSync(join(group, file), 'as the kernel has it');
    giveProcessors('node-2', 2, root);
    expect(readFileSync(join(group, file), 'utf8')).toBe(value);
  });
});
