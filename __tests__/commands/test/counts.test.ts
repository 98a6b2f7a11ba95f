import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  countGoTests,
  countJestTests,
  countSummary,
  failureLines,
  goPrinter,
} from '../../../commands/test/counts';

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
  expect(countGoTests('', printed)).toEqual({
    passed: 1,
    failed: 1,
    failures: ['counted'],
  });
});

it('a test of jest that failed is named, with the beginning of what it said, through a run in a run', () => {
  const folder = mkdtempSync(join(tmpdir(), 'counts-'));
  try {
    const report = join(folder, 'report.json');
    writeFileSync(join(folder, 'jest.config.json'), '{}');
    writeFileSync(
      join(folder, 'sums.test.js'),
      "test('one and one', () => expect(1 + 1).toBe(3)); test('kept', () => {});",
    );
    writeFileSync(join(folder, 'unread.test.js'), 'not JavaScript');
    const jest = require.resolve('jest/bin/jest');
    spawnSync(
      process.execPath,
      [jest, '--json', `--outputFile=${report}`, `--cacheDirectory=${folder}/cache`],
      { cwd: folder },
    );
    const { passed, failed, failures = [] } = countJestTests(report);
    expect({ passed, failed }).toEqual({ passed: 1, failed: 2 });
    expect([...failures].sort()).toEqual([
      expect.stringMatching(/unread\.test\.js\n[^]*encountered an unexpected token/),
      expect.stringMatching(/^one and one\n[^]*Expected: 3\nReceived: 2/),
    ]);
    const shown = [...failureLines(failures), `${passed} passed, ${failed} failed`].join('\n');
    expect(countSummary('', shown)).toEqual({
      passed,
      failed,
      failures: failures.map((said) => said.replaceAll(/\n +/g, '\n')),
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
