import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { compareOutputs, replaceOutputs } from '../../commands/outputs';

let root: string;
let stage: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'outputs-'));
  stage = join(root, '.stage');
  write(root, { 'dist/a.yaml': 'old', 'dist/b.yaml': 'old', 'dist/gone/c.yaml': 'old' });
  write(stage, {
    'dist/a.yaml': 'new',
    'dist/b.yaml': 'old',
    'dist/e.yaml': 'new',
    'dist/new/d.yaml': 'new',
  });
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

function write(folder: string, files: Record<string, string>): void {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
}
/** What is in dist: folders, and the text of files. */
function inPlace(): Record<string, unknown> {
  const dist = join(root, 'dist');
  return Object.fromEntries(
    readdirSync(dist, { recursive: true, withFileTypes: true }).map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [
        path.slice(dist.length + 1),
        entry.isDirectory() ? 'a folder' : readFileSync(path, 'utf8'),
      ];
    }),
  );
}

describe('the outputs of a synthesis', () => {
  it('are compared and put in place', () => {
    const changes = compareOutputs(root, stage);
    expect(changes).toEqual([
      { file: 'dist/a.yaml', kind: 'changed' },
      { file: 'dist/e.yaml', kind: 'created' },
      { file: 'dist/new/d.yaml', kind: 'created' },
      { file: 'dist/gone/c.yaml', kind: 'removed' },
    ]);
    replaceOutputs(root, stage, changes);
    expect(inPlace()).toEqual({
      'a.yaml': 'new',
      'b.yaml': 'old',
      'e.yaml': 'new',
      new: 'a folder',
      'new/d.yaml': 'new',
    });
  });

  it.each(['dist/a.yaml', 'dist/new/d.yaml'])('are all as they were when %s fails', (file) => {
    const before = inPlace();
    const changes = compareOutputs(root, stage);
    rmSync(join(stage, file));
    expect(() => {
      replaceOutputs(root, stage, changes);
    }).toThrow('ENOENT');
    expect(inPlace()).toEqual(before);
  });

  it('are all as they were when a stale file cannot be removed', () => {
    const before = inPlace();
    const changes = compareOutputs(root, stage);
    const stale = { file: 'dist/gone/c.yaml', kind: 'removed' } as const;
    expect(() => {
      // The second time it is there no more.
      replaceOutputs(root, stage, [...changes, stale]);
    }).toThrow(/ENOENT.*gone/);
    expect(inPlace()).toEqual(before);
  });

  it('do not take the place of a folder', () => {
    rmSync(join(root, 'dist/a.yaml'));
    mkdirSync(join(root, 'dist/a.yaml'));
    expect(() => compareOutputs(root, stage)).toThrow('dist/a.yaml is no file');
  });

  it('are all new where there is no dist, and go where a link leads', () => {
    const dist = join(root, 'dist');
    rmSync(dist, { recursive: true });
    expect(new Set(compareOutputs(root, stage).map(({ kind }) => kind))).toEqual(
      new Set(['created']),
    );
    mkdirSync(join(root, 'elsewhere'));
    symlinkSync('elsewhere', dist);
    expect(compareOutputs(root, stage)).toHaveLength(4);
    rmSync(join(root, 'elsewhere'), { recursive: true });
    expect(() => compareOutputs(root, stage)).toThrow('dist is a link that leads to no folder');
    rmSync(dist);
    writeFileSync(dist, '');
    expect(() => compareOutputs(root, stage)).toThrow('dist is no folder');
  });
});
