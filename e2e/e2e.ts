/** `npm run e2e`: shows on a real cluster that what the lesson and the README say holds. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, ClusterError, Steps, withLock } from 'local-cluster';
import { runCommand } from '../commands/command';
import { parseOptions, type Options } from './harness/arguments';
import type { Suite } from './harness/claim';
import { Interruption, interruptions, unlessAborted } from './harness/interruption';
import { countResults, renderText, writeReport, type Report } from './harness/report';
import { ROOT } from './harness/root';
import { runSuites } from './harness/run';
import { runSelfTest, SELF_TEST_TITLES } from './harness/self-test';
import { openSession, refuseForeignObjects, type Session } from './harness/session';
import { SUITES, suitesOf } from './suites/index';

const print = (line: string) => {
  console.log(line);
};

/** Of parity: enough that what is broken on purpose is among them. */
const SELF_TEST_CASES = 4_000;

runCommand(
  async (argv) => {
    const names = SUITES.map(({ name }) => name);
    const options = parseOptions(argv, names);
    const signal = interruptions(print);
    const { selfTest, only, seed } = options;
    const cases = options.cases ?? (selfTest ? SELF_TEST_CASES : undefined);
    const suites = suitesOf({ cases, seed }).filter(
      ({ name }) => only.length === 0 || only.includes(name),
    );
    try {
      const folder = cacheFolder();
      mkdirSync(folder, { recursive: true });
      // Two runs would remove each other's namespaces, and the node below them.
      await withLock(join(folder, 'e2e.lock'), 'running e2e', () => run(options, suites, signal));
    } catch (error) {
      if (error instanceof Interruption) {
        console.error(error.message);
        process.exit(error.exitCode);
      }
      throw error;
    }
  },
  [ClusterError],
);

async function run(options: Options, suites: readonly Suite[], signal: AbortSignal): Promise<void> {
  const begun = performance.now();
  const { context, registry, keep } = options;
  const session = await openSession(
    {
      ...(context !== undefined && { context }),
      ...(registry !== undefined && { registry }),
      withoutImages: suites.every(({ withoutImages = false }) => withoutImages),
    },
    new Steps(print),
    print,
  );
  let report: Report;
  try {
    // A signal may have come while the cluster was brought up.
    signal.throwIfAborted();
    report = await unlessAborted(signal, prove(suites, session, options, signal, begun));
  } finally {
    await session.close(keep);
  }
  writeReport(join(ROOT, 'reports'), report);
  print(renderText(report));
  if (countResults(report.results).failed > 0) process.exitCode = 1;
}

async function prove(
  suites: readonly Suite[],
  session: Session,
  { selfTest, keep }: Options,
  signal: AbortSignal,
  begun: number,
): Promise<Report> {
  await refuseForeignObjects(session);
  const { cluster, images } = session;
  const results = await (selfTest ? runSelfTest : runSuites)(suites, session, {
    keep,
    print,
    signal,
  });
  return {
    name: selfTest ? 'e2e-self-test' : 'e2e',
    title: selfTest ? 'Each promise, broken on purpose' : 'What the lesson says, on a cluster',
    cluster: cluster.description,
    standIns: [...cluster.standIns, ...images.standIns],
    limits: cluster.limitations,
    notes: [...images.notes, ...new Set(suites.flatMap(({ notes = [] }) => notes))],
    titles: selfTest ? SELF_TEST_TITLES : ['claim', 'how it was shown', 'figure'],
    results,
    seconds: (performance.now() - begun) / 1000,
  };
}
