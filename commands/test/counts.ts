import { existsSync, readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';

/** How many tests of a suite passed, and how many failed. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  /** Each that failed: its name, and in further lines the beginning of what it said. @default - not known one by one */
  readonly failures?: readonly string[];
}

/** Lines that are kept of what a failed test said. */
const KEPT_LINES = 12;

/** What jest's `--json` says of a test (https://jestjs.io/docs/cli#--json). */
interface JestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numRuntimeErrorTestSuites: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[] | null;
    }[];
  }[];
}

/** Reads what `jest --json --outputFile=REPORT` wrote. A test file that does not even load is a failure. */
export function countJestTests(report: string): Counts {
  // Without a report jest has not come to run a test.
  if (!existsSync(report)) return { passed: 0, failed: 1 };
  const jest = JSON.parse(readFileSync(report, 'utf8')) as JestReport;
  const failures = jest.testResults.flatMap(({ name, status, message, assertionResults }) => {
    const tests = assertionResults.filter((test) => test.status === 'failed');
    if (tests.length === 0 && status === 'failed') return [failure(name, message)];
    return tests.map(({ fullName, failureMessages }) =>
      failure(fullName, failureMessages?.join('\n') ?? ''),
    );
  });
  const failed = jest.numFailedTests + jest.numRuntimeErrorTestSuites;
  return { passed: jest.numPassedTests, failed, failures };
}

function failure(name: string, said: string): string {
  const lines = stripVTControlCharacters(said).split('\n');
  return [name, ...lines.filter((line) => line.trim() !== '').slice(0, KEPT_LINES)].join('\n');
}

/** Writes what failed as `countSummary` reads it. */
export function failureLines(failures: readonly string[]): string[] {
  return failures.map((failure) => `  FAIL ${failure.replaceAll('\n', '\n       ')}`);
}

/** Finds what jest printed of coverage below its thresholds, a line for each. */
export function missedCoverage(printed: string): string[] {
  return [...printed.matchAll(/^Jest: (.*coverage.*)$/gim)].map(([, line = '']) => line);
}

/** Reads the last line `N passed, N failed` that a suite of ours printed, and what it says that failed. */
export function countSummary(_report: string, printed: string): Counts {
  const [, passed = '0', failed = '1'] =
    [...printed.matchAll(/^(\d+) passed, (\d+) failed$/gm)].at(-1) ?? [];
  const failures = [...printed.matchAll(/^ *FAIL +(.*(?:\n {7,}.*)*)$/gm)].map(([, said = '']) =>
    said.replaceAll(/\n +/g, '\n'),
  );
  return { passed: Number(passed), failed: Number(failed), failures: [...new Set(failures)] };
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
  const of = (action: string) => events.filter((event) => event?.Action === action);
  const tests = of('fail').filter((event) => event?.Test !== undefined);
  // A package fails with its tests, or without one: where it does not compile.
  const failures = (tests.length > 0 ? tests : of('fail')).map((event) =>
    [event?.Package, event?.Test].filter(Boolean).join(' '),
  );
  const passed = of('pass').filter((event) => event?.Test !== undefined).length;
  return { passed, failed: failures.length, failures };
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
