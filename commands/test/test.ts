/** `npm test`: runs suites, goes on after one that fails, and ends with a line that sums them. */
import { mkdirSync } from 'node:fs';
import { parseArguments, runCommand, UsageError } from '../command';
import { failureLines } from './counts';
import { type NeedName, NEEDS } from './needs';
import { findNeed, needVariables, provide } from './provide';
import { type Outcome, runSuite } from './run-suite';
import { GATES, type Suite, TESTS } from './suites';

const ALL = [...TESTS, ...GATES];
const namesOf = (suites: readonly Suite[]) => suites.map(({ name }) => name).join(', ');

const USAGE = `npm test [-- [options] SUITE…]

  SUITE…       these of ${namesOf(ALL)}; without any, ${namesOf(TESTS)}
  --gates      what .ci/run runs: ${namesOf(GATES)}
  --install    make available what the suites need, and run none
  --needs      print what all suites need, and where it is
  --help       this text

exit code: 0 all passed, 1 one failed or something that is needed is missing, 2 wrong usage`;

runCommand(async (argv) => {
  const { positionals, values } = parseArguments(argv, {
    usage: USAGE,
    options: {
      gates: { type: 'boolean', default: false },
      install: { type: 'boolean', default: false },
      needs: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  if (values.needs) {
    printNeeds();
    return;
  }
  const named = positionals.map(suiteNamed);
  const suites = values.gates ? [...GATES, ...named] : named.length > 0 ? named : TESTS;
  const found = await provide([...new Set(suites.flatMap(({ needs = [] }) => needs))]);
  if (!values.install) await runAll(suites, needVariables(found));
});

function suiteNamed(name: string): Suite {
  const suite = ALL.find((suite) => suite.name === name);
  if (suite !== undefined) return suite;
  throw new UsageError(`${name}: no such suite; there are ${namesOf(ALL)}\nusage: ${USAGE}`);
}

async function runAll(suites: readonly Suite[], env: NodeJS.ProcessEnv): Promise<void> {
  mkdirSync('reports', { recursive: true });
  const start = performance.now();
  const outcomes: Outcome[] = [];
  for (const suite of suites) {
    const elapsed = ((performance.now() - start) / 1000).toFixed(0);
    console.log(`\n── ${elapsed} s ── ${suite.name}: ${suite.command.join(' ')}`);
    outcomes.push(await runSuite(suite, env));
  }
  console.log();
  for (const { suite, passed, failed, seconds, failures } of outcomes) {
    const counts = `${passed} passed, ${failed} failed`;
    console.log(`${suite.padEnd(10)} ${counts.padEnd(24)} ${seconds.toFixed(0).padStart(5)} s`);
    const named = failures.map((failure) => `${suite}: ${failure}`);
    for (const line of failureLines(named)) console.log(line);
  }
  const sum = (count: 'passed' | 'failed') =>
    outcomes.reduce((total, outcome) => total + outcome[count], 0);
  console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
  if (sum('failed') > 0) process.exitCode = 1;
}

function printNeeds(): void {
  const rows = (Object.keys(NEEDS) as NeedName[]).map((name) => {
    const { packages = [], from = '', variable, address } = NEEDS[name];
    const suites = ALL.filter(({ needs = [] }) => needs.includes(name));
    return [
      name,
      findNeed(name) ?? 'missing',
      packages.join(' ') || from,
      variable ?? address ?? '',
      namesOf(suites),
    ];
  });
  const table = [['need', 'found', "Debian's package", 'variable', 'suites'], ...rows];
  const widths = [0, 1, 2, 3].map((column) =>
    Math.max(...table.map((row) => row[column]?.length ?? 0)),
  );
  for (const row of table)
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
}
