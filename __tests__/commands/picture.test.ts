import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

it('takes no figures from a report that lacks those of ablation', () => {
  const report = join(folder, 'e2e.json');
  const result = { suite: 'ablation', check: 'without grace period', outcome: 'not run' };
  writeFileSync(report, JSON.stringify({ cluster: 'none', standIns: [], results: [result] }));
  const { status, stderr } = spawnSync(
    'npm',
    ['run', '--silent', 'picture', '--', '--folder', folder, '--report', report],
    { encoding: 'utf8' },
  );
  expect([status, stderr]).toEqual([
    1,
    `${report} must have the figures of every check of ablation; it has none; ` +
      'run npm run e2e -- --only ablation\n',
  ]);
});
