import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { controlGroups } from '../../node/processes';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cgroup-'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
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
