import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'picture-test-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

it("the README's pictures are what npm run picture draws", () => {
  const { stderr } = spawnSync('npm', ['run', '--silent', 'picture', '--', '--folder', folder], {
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  for (const name of ['rejected-edit.svg', 'plan.svg']) {
    expect(readFileSync(join('docs', name), 'utf8')).toBe(readFileSync(join(folder, name), 'utf8'));
  }
});
