/** `npm run e2e`: shows on a real cluster that what the lesson and the README say holds. */
import { join } from 'node:path';
import { ClusterRefusal } from '../cluster/refusal';
import { Steps } from '../cluster/steps';
import { program, Refusal } from '../commands/program';
import { parseOptions, type Options } from './arguments';
import type { Suite } from './claim';
import { countResults, renderText, writeReport, type Report } from './report';
import { ROOT } from './root';
import { runSuites } from './run';
import { runSelfTest, SELF_TEST_TITLES } from './self-test';
import { openSession, refuseForeignObjects, type Session } from './session';
import { SUITES } from './suites';

const print = (line: string) => {
  console.log(line);
};

program(async (argv) => {
  const names = SUITES.map(({ name }) => name);
  const options = parseOptions(argv, names);
  const interruption = interrupted();
  const suites = SUITES.filter(
    ({ name }) => options.only.length === 0 || options.only.includes(name),
  );
  try {
    await run(options, suites, interruption);
  } catch (error) {
    throw error instanceof ClusterRefusal ? new Refusal(error.message, { cause: error }) : error;
  }
});

async function run(
  options: Options,
  suites: readonly Suite[],
  interruption: Promise<never>,
): Promise<void> {
  const begun = performance.now();
  const { context, registry, keep } = options;
  const session = await openSession(
    { ...(context !== undefined && { context }), ...(registry !== undefined && { registry }) },
    new Steps(print),
    print,
  );
  let report: Report;
  try {
    report = await Promise.race([prove(suites, session, options, begun), interruption]);
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
  begun: number,
): Promise<Report> {
  await refuseForeignObjects(session);
  const { cluster, images } = session;
  const results = await (selfTest ? runSelfTest : runSuites)(suites, session, { keep, print });
  return {
    name: selfTest ? 'e2e-self-test' : 'e2e',
    title: selfTest ? 'Each promise, broken on purpose' : 'What the lesson says, on a cluster',
    cluster: cluster.description,
    standIns: [...cluster.standIns, ...images.standIns],
    limits: cluster.limits,
    notes: [...images.notes, ...new Set(suites.flatMap(({ notes = [] }) => notes))],
    titles: selfTest ? SELF_TEST_TITLES : ['claim', 'how it was shown', 'figure'],
    results,
    seconds: (performance.now() - begun) / 1000,
  };
}

/** Rejects at the first signal, so that the cluster is taken down on the way out; a second one ends at once. */
function interrupted(): Promise<never> {
  const interruption = new Promise<never>((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      // Instead of the handler for commands whose exit handlers can clean up: a cluster takes its time.
      process.removeAllListeners(signal);
      process.once(signal, () => {
        print(`${signal}: taking back what was made; a second ${signal} ends at once`);
        reject(new Refusal(`interrupted by ${signal}`));
      });
    }
  });
  // It is raced against once there is something to take back; until then it is not unheard.
  interruption.catch(() => undefined);
  return interruption;
}
