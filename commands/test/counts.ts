import { existsSync, readFileSync } from 'node:fs';

/** How many tests of a suite passed, and how many failed. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
}

/** Reads what `jest --json --outputFile=REPORT` wrote. A test file that does not even load is a failure. */
export function countJestTests(report: string): Counts {
  // Without a report jest has not come to run a test.
  if (!existsSync(report)) return { passed: 0, failed: 1 };
  const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = JSON.parse(
    readFileSync(report, 'utf8'),
  ) as Record<'numPassedTests' | 'numFailedTests' | 'numRuntimeErrorTestSuites', number>;
  return { passed: numPassedTests, failed: numFailedTests + numRuntimeErrorTestSuites };
}

/** Finds what jest printed of coverage below its thresholds, a line for each. */
export function missedCoverage(printed: string): string[] {
  return [...printed.matchAll(/^Jest: (.*coverage.*)$/gim)].map(([, line = '']) => line);
}

/** Reads the last line `N passed, N failed` that a suite of ours printed. */
export function countSummary(_report: string, printed: string): Counts {
  const [, passed = '0', failed = '1'] =
    [...printed.matchAll(/^(\d+) passed, (\d+) failed$/gm)].at(-1) ?? [];
  return { passed: Number(passed), failed: Number(failed) };
}

/** An event that `go test -json` prints (https://pkg.go.dev/cmd/test2json). */
interface GoEvent {
  readonly Action: string;
  readonly Package?: string;
  readonly Test?: string;
  readonly Output?: string;
}

/** Reads what `go test -json` printed: each test and subtest counts, and each package that fails without one. */
export function countGoTests(_report: string, printed: string): Counts {
  const events = printed.split('\n').map(parseGoEvent);
  const count = (action: string) =>
    events.filter((event) => event?.Action === action && event.Test !== undefined).length;
  const failed = count('fail');
  const failedPackages = events.filter(
    (event) => event?.Action === 'fail' && event.Test === undefined,
  ).length;
  return { passed: count('pass'), failed: failed > 0 ? failed : failedPackages };
}

/** Shows of `go test -json` what `go test` shows: a line for each package, and all that a failed test printed. */
export function goPrinter(): (line: string) => string | undefined {
  const printedBy = new Map<string, string>();
  return (line) => {
    const event = parseGoEvent(line);
    if (event === undefined) return line;
    const { Action, Package = '', Test, Output = '' } = event;
    if (Test === undefined) {
      const said = Output.trimEnd();
      if (Action !== 'fail') return said === 'PASS' ? undefined : said || undefined;
      // A fatal error ends the process: the tests that ran then have printed why, and never end.
      const unended = [...printedBy].filter(([test]) => test.startsWith(`${Package} `));
      return unended.map(([, printed]) => printed.trimEnd()).join('\n') || undefined;
    }
    const test = `${Package} ${Test}`;
    const printed = (printedBy.get(test) ?? '') + Output;
    if (Action === 'pass' || Action === 'skip' || Action === 'fail') printedBy.delete(test);
    else printedBy.set(test, printed);
    return Action === 'fail' ? printed.trimEnd() : undefined;
  };
}

function parseGoEvent(line: string): GoEvent | undefined {
  return line.startsWith('{"') ? (JSON.parse(line) as GoEvent) : undefined;
}
