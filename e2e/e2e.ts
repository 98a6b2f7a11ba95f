/** `npm run e2e`: shows on a real cluster that what the lesson and the README say holds. */
import { join } from 'node:path';
import { ClusterError, run, Steps } from 'local-cluster';
import { withClusterLock } from '../commands/cluster-lock';
import { runCommand, UsageError } from '../commands/command';
import { Interruption, interruptions, unlessAborted } from '../commands/interruption';
import { parseOptions, type Options } from './arguments';
import type { Suite } from './harness/check';
import { countResults, renderText, writeReport, type Report } from './harness/report';
import { ROOT } from './harness/root';
import { runSuites } from './harness/run';
import { sample } from './harness/sample';
import { runSelfTest, SELF_TEST_TITLES } from './harness/self-test';
import { Session } from './harness/session';
import { suitesOf } from './suites';

const print = (line: string) => {
  console.log(line);
};

runCommand(
  async (argv) => {
    const options = parseOptions(
      argv,
      suitesOf().map(({ name }) => name),
    );
    const signal = interruptions('taking back what was made', print);
    const suites = await select(options);
    try {
      await withClusterLock('running e2e', () => show(suites, options, signal));
    } catch (error) {
      // What failed, failed because its programs were ended.
      const cause: unknown = signal.aborted ? signal.reason : error;
      if (!(cause instanceof Interruption)) throw cause;
      console.error(cause.message);
      process.exit(cause.exitCode);
    }
  },
  [ClusterError],
);

async function select({
  only,
  check,
  selfTest,
  cases,
  seed,
  kills,
  kinds,
  ...options
}: Options): Promise<Suite[]> {
  const named = only.length > 0;
  const suites = suitesOf({ selfTest, named, cases, seed, kills, kinds }).filter(
    ({ name, byName = false }) => (named ? only.includes(name) : !byName),
  );
  if (check.length > 0) return withChecks(suites, check);
  if (options.sample === undefined) return suites;
  const revision = `${options.sample}^{commit}`;
  const { code, stdout } = await run(['git', 'rev-parse', '--verify', '--quiet', revision], {
    cwd: ROOT,
    allowFailure: true,
  });
  if (code !== 0) throw new UsageError(`--sample must name a commit; received "${options.sample}"`);
  return sample(suites, stdout.trim());
}

/** @throws {UsageError} where no check has any of it in its name. */
function withChecks(suites: readonly Suite[], parts: readonly string[]): Suite[] {
  const left = suites.map((suite) => ({
    ...suite,
    fixtures: suite.fixtures
      .map((fixture) => ({
        ...fixture,
        checks: fixture.checks.filter(({ name }) => parts.some((part) => name.includes(part))),
      }))
      .filter(({ checks }) => checks.length > 0),
  }));
  const some = left.filter(({ fixtures }) => fixtures.length > 0);
  if (some.length === 0)
    throw new UsageError(
      `--check must be part of a check's name; ${suites.map(({ name }) => name).join(', ')} have none with "${parts.join('" or "')}"`,
    );
  return some;
}

/** What a run without `--only` does not show. */
function leftOut({ only }: Options): string[] {
  const names = suitesOf().flatMap(({ name, byName = false }) => (byName ? [name] : []));
  if (only.length > 0 || names.length === 0) return [];
  return [`left out, because of the time that they take: ${names.join(', ')} (--only ${names[0]})`];
}

async function show(suites: readonly Suite[], options: Options, signal: AbortSignal) {
  const begun = performance.now();
  const { context, registry, keep, selfTest } = options;
  const session = await Session.open(
    { ...(context !== undefined && { context }), ...(registry !== undefined && { registry }) },
    new Steps(print),
    print,
  );
  let report: Report;
  try {
    // A signal may have come while the cluster was brought up.
    signal.throwIfAborted();
    const runAll = selfTest ? runSelfTest : runSuites;
    const results = await unlessAborted(signal, runAll(suites, session, { keep, print, signal }));
    const { cluster, standIns, notes } = session;
    report = {
      name: selfTest ? 'e2e-self-test' : 'e2e',
      title: selfTest
        ? 'Each check, with a fault injected'
        : 'What the lesson and the README say, on a cluster',
      cluster: cluster.description,
      standIns: [...standIns],
      limitations: cluster.limitations,
      notes: [...notes, ...suites.flatMap((suite) => suite.notes ?? []), ...leftOut(options)],
      titles: selfTest ? SELF_TEST_TITLES : ['check', 'how it was shown', 'figure'],
      results,
      seconds: (performance.now() - begun) / 1000,
    };
  } finally {
    await session.close(keep);
  }
  writeReport(join(ROOT, 'reports'), report);
  print(renderText(report));
  if (countResults(report.results).failed > 0) process.exitCode = 1;
}
