import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { countGoTests, goPrinter } from '../../../commands/test/counts';

function goTest(test: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'counts-'));
  try {
    writeFileSync(join(folder, 'go.mod'), 'module counted\n\ngo 1.26\n');
    writeFileSync(join(folder, 'counted_test.go'), `package counted\n\n${test}`);
    return spawnSync('go', ['test', '-json', './...'], { cwd: folder, encoding: 'utf8' }).stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function show(printed: string): string {
  const printer = goPrinter();
  return printed
    .split('\n')
    .map(printer)
    .filter((line) => line !== undefined)
    .join('\n');
}

it('what ended a Go test from outside of it is shown, and counts as failed', () => {
  const printed = goTest(`import "testing"

func TestKept(t *testing.T) { t.Log("of no interest") }

func TestLost(t *testing.T) {
	go func() { panic("lost to a goroutine") }()
	select {}
}
`);
  expect(show(printed)).toContain('panic: lost to a goroutine');
  expect(show(printed)).not.toContain('of no interest');
  expect(countGoTests('', printed)).toEqual({ passed: 1, failed: 1 });
});
