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

it("the README's picture is what npm run picture draws", () => {
  const output = join(folder, 'picture.svg');
  const { stderr } = spawnSync('npm', ['run', '--silent', 'picture', '--', '--output', output], {
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  expect(readFileSync('docs/rejected-edit.svg', 'utf8')).toBe(readFileSync(output, 'utf8'));
});
