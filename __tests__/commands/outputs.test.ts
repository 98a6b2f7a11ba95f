import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { compareOutputs, filesBelow, replaceOutputs } from '../../commands/outputs';

let root: string;
let stage: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'outputs-'));
  stage = join(root, '.stage');
  write(root, { 'dist/a.yaml': 'old', 'dist/b.yaml': 'old', 'dist/gone/c.yaml': 'old' });
  write(stage, { 'dist/a.yaml': 'new', 'dist/b.yaml': 'old', 'dist/new/d.yaml': 'new' });
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
function inPlace(): Record<string, string> {
  const dist = join(root, 'dist');
  return Object.fromEntries(
    filesBelow(dist).map((file) => [file, readFileSync(join(dist, file), 'utf8')]),
  );
}

describe('the outputs of a synthesis', () => {
  it('are compared and put in place', () => {
    const changes = compareOutputs(root, stage);
    expect(changes).toEqual([
      { file: 'dist/a.yaml', kind: 'changed' },
      { file: 'dist/new/d.yaml', kind: 'created' },
      { file: 'dist/gone/c.yaml', kind: 'removed' },
    ]);
    replaceOutputs(root, stage, changes);
    expect(inPlace()).toEqual({ 'a.yaml': 'new', 'b.yaml': 'old', 'new/d.yaml': 'new' });
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
    expect(() => {
      replaceOutputs(root, stage, [...changes, { file: 'dist/gone', kind: 'removed' }]);
    }).toThrow();
    expect(inPlace()).toEqual(before);
  });

  it('do not take the place of a folder', () => {
    rmSync(join(root, 'dist/a.yaml'));
    mkdirSync(join(root, 'dist/a.yaml'));
    expect(() => compareOutputs(root, stage)).toThrow('dist/a.yaml is no file');
  });
});
