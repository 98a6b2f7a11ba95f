import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { podControlGroups } from '../../node/processes';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cgroup-'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

describe('podControlGroups', () => {
  it('finds one for each controller of version 1', () => {
    for (const path of ['cpu/kubepods', 'memory/kubepods', 'pids/user.slice']) {
      mkdirSync(join(root, path), { recursive: true });
    }
    expect(podControlGroups(root).sort()).toEqual([
      join(root, 'cpu/kubepods'),
      join(root, 'memory/kubepods'),
    ]);
  });

  it('finds the one of version 2', () => {
    for (const path of ['kubepods/burstable', 'system.slice']) {
      mkdirSync(join(root, path), { recursive: true });
    }
    expect(podControlGroups(root)).toEqual([join(root, 'kubepods')]);
  });

  it('finds none where no kubelet has run', () => {
    expect(podControlGroups(root)).toEqual([]);
  });
});
