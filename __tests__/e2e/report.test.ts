import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Report, renderText, type Result, writeReport } from '../../e2e/harness/report';

const held: Result = {
  suite: 'lesson',
  check: 'kubectl get pod shows it',
  how: 'kubectl get pod',
  outcome: 'passed',
  figure: '3/3 Running',
  seconds: 0.44,
};

const report: Report = {
  name: 'e2e',
  title: 'What the lesson says',
  cluster: 'Kubernetes v1.34',
  standIns: ["Debian's MariaDB stands in for mysql:5.7"],
  limitations: ['no NetworkPolicy'],
  notes: ['redis alone'],
  titles: ['check', 'how it was shown', 'figure'],
  results: [held, { ...held, check: 'another', outcome: 'failed', figure: '2/3 Running' }],
  seconds: 12.3,
};

describe('a report', () => {
  it('says what stands in for what before it shows a result', () => {
    const lines = renderText(report).split('\n');
    const standIn = lines.findIndex((line) => line.includes('MariaDB stands in'));
    const result = lines.findIndex((line) => line.includes('3/3 Running'));
    expect(standIn).toBeGreaterThan(0);
    expect(standIn).toBeLessThan(result);
  });

  it('ends with how many checks passed and failed', () => {
    expect(renderText(report).split('\n').at(-1)).toBe('1 passed, 1 failed');
  });

  it('shows check, how it was shown, figure and seconds of each check', () => {
    const row = renderText(report)
      .split('\n')
      .find((line) => line.includes('3/3 Running'));
    expect(row?.split(/\s{2,}/)).toEqual([
      'ok',
      'kubectl get pod shows it',
      'kubectl get pod',
      '3/3 Running',
      '0.4',
    ]);
  });

  it('is written as Markdown and as JSON, the counts among its fields', () => {
    const folder = mkdtempSync(join(tmpdir(), 'report-'));
    try {
      writeReport(folder, report);
      expect(readFileSync(join(folder, 'e2e.md'), 'utf8')).toContain('| FAIL | another |');
      const json: unknown = JSON.parse(readFileSync(join(folder, 'e2e.json'), 'utf8'));
      expect(json).toEqual({ passed: 1, failed: 1, notRun: 0, ...report });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
