/** What a run shows at its end, and writes to `reports`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { markdownTable, terminalTable, type Column } from './table';

/** Not run: the cluster at hand cannot show it. */
export type Outcome = 'passed' | 'failed' | 'not run';

export interface Result {
  readonly suite: string;
  readonly check: string;
  readonly how: string;
  readonly outcome: Outcome;
  /** What was measured; of a check that failed or was not run, why. */
  readonly figure: string;
  readonly seconds: number;
  /** The same for programs, where the check has it: only the JSON holds it. */
  readonly data?: unknown;
}

export interface Report {
  /** `e2e` or `e2e-self-test`: the name of its files. */
  readonly name: string;
  readonly title: string;
  /** What ran the checks. */
  readonly cluster: string;
  /** What stands in for something else: a sentence each. */
  readonly standIns: readonly string[];
  /** What the cluster accepts and does not do: a sentence each. */
  readonly limitations: readonly string[];
  /** What else the results rest on. */
  readonly notes: readonly string[];
  /** Titles of check, how and figure. */
  readonly titles: readonly [check: string, how: string, figure: string];
  readonly results: readonly Result[];
  /** Of the whole run, with all that the checks share. */
  readonly seconds: number;
}

const LONGEST_CELL = 240;

const MARKS: Readonly<Record<Outcome, string>> = { passed: 'ok', failed: 'FAIL', 'not run': '–' };

export interface ResultCounts {
  readonly passed: number;
  readonly failed: number;
  readonly notRun: number;
}

export function countResults(results: readonly Result[]): ResultCounts {
  const count = (of: Outcome) => results.filter(({ outcome }) => outcome === of).length;
  return { passed: count('passed'), failed: count('failed'), notRun: count('not run') };
}

/** How a result begins in a table or a log. */
export function markOf(outcome: Outcome): string {
  return MARKS[outcome];
}

/** The table, above it what it rests on, below it the last line. */
export function renderText(report: Report): string {
  return [
    '',
    `${report.title}: ${report.cluster}`,
    ...basis(report).map((sentence) => `  ${sentence}`),
    '',
    terminalTable(
      columns(report),
      rows(report).map((cells) => cells.map(clip)),
    ),
    '',
    `${report.seconds.toFixed(0)} s`,
    ...notRunLine(report),
    lastLine(report),
  ].join('\n');
}

export function renderMarkdown(report: Report): string {
  return [
    `# ${report.title}`,
    '',
    `On ${report.cluster}, in ${report.seconds.toFixed(0)} s: ${[lastLine(report), ...notRunLine(report)].join(', ')}.`,
    '',
    ...basis(report).map((sentence) => `- ${sentence}`),
    '',
    markdownTable(columns(report), rows(report)),
    '',
  ].join('\n');
}

/** The counts stand at the top, where a program that sums suites finds them. */
export function renderJson(report: Report): string {
  return `${JSON.stringify({ ...countResults(report.results), ...report }, undefined, 2)}\n`;
}

/** Writes NAME.md and NAME.json below `folder`. */
export function writeReport(folder: string, report: Report): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${report.name}.md`), renderMarkdown(report));
  writeFileSync(join(folder, `${report.name}.json`), renderJson(report));
}

function basis({ standIns, limitations, notes }: Report): string[] {
  return [
    ...standIns.map((sentence) => `stand-in: ${sentence}`),
    ...limitations.map((sentence) => `limitation: ${sentence}`),
    ...notes.map((sentence) => `note: ${sentence}`),
  ];
}

/** A terminal's table has the beginning of what is long; the files have all of it. */
function clip(cell: string): string {
  return cell.length <= LONGEST_CELL ? cell : `${cell.slice(0, LONGEST_CELL - 1)}…`;
}

function columns({ titles: [check, how, figure] }: Report): Column[] {
  return [
    { title: '' },
    { title: check, width: 42 },
    { title: how, width: 56 },
    { title: figure, width: 46 },
    { title: 'seconds' },
  ];
}

function rows({ results }: Report): string[][] {
  return results.map(({ check, how, outcome, figure, seconds }) => [
    markOf(outcome),
    check,
    how,
    figure,
    seconds.toFixed(1),
  ]);
}

function notRunLine({ results }: Report): string[] {
  const { notRun } = countResults(results);
  return notRun === 0 ? [] : [`${notRun} not run`];
}

function lastLine({ results }: Report): string {
  const { passed, failed } = countResults(results);
  return `${passed} passed, ${failed} failed`;
}
