/** Runs the claims of suites, one after the other. */
import { ClusterError } from 'local-cluster';
import { NotRun, type Claim, type Scene, type Suite } from './claim';
import { markOf, type Outcome, type Result } from './report';
import { ROOT } from './root';
import type { Session } from './session';
import { Stage } from './stage';

/** Milliseconds that a wait of a claim may last; starting three MariaDBs on two cores takes some. */
const PATIENCE = 180_000;
/** Events that are shown of a namespace where a claim failed. */
const EVENTS_SHOWN = 12;

export interface RunOptions {
  /** Leave the namespaces of scenes in which a claim failed. */
  readonly keep: boolean;
  /** Receives one line at a time, as claims begin and end. */
  readonly print: (line: string) => void;
  /** Once it is aborted, no further claim begins, and nothing more is printed. */
  readonly signal: AbortSignal;
}

export async function runSuites(
  suites: readonly Suite[],
  session: Session,
  options: RunOptions,
): Promise<Result[]> {
  const { keep, print } = options;
  const results: Result[] = [];
  for (const suite of suites) {
    print('');
    print(suite.name);
    for (const scene of suite.scenes) {
      const stage = await setScene(session, scene, suite.name);
      const shown: Result[] = [];
      for (const claim of scene.claims) shown.push(await show(suite, claim, stage, options));
      results.push(...shown);
      const held = shown.every(({ outcome }) => outcome !== 'failed');
      if (held || !keep) await strikeScene(session, scene, stage);
    }
  }
  return results;
}

async function show(
  suite: Suite,
  claim: Claim,
  stage: Stage,
  { print, signal }: RunOptions,
): Promise<Result> {
  print(`  ...  ${claim.name}`);
  const { outcome, figure, seconds } = await attempt(stage, async () => {
    await claim.prepare?.(stage);
    return claim.run(stage);
  });
  signal.throwIfAborted();
  print(`  ${markOf(outcome).padEnd(4)} ${figure} (${seconds.toFixed(1)} s)`);
  if (outcome === 'failed') print(await whatIsThere(stage));
  return { suite: suite.name, claim: claim.name, how: claim.how, outcome, figure, seconds };
}

/** Makes the scene's namespace. */
async function setScene(session: Session, scene: Scene, suite: string): Promise<Stage> {
  const { cluster, images, scratch, defaultNamespace } = session;
  const namespace = scene.inDefaultNamespace
    ? defaultNamespace
    : await session.makeNamespace(`${suite}-${scene.name}`);
  return new Stage({
    cluster,
    namespace,
    images: images.references,
    scratch,
    patience: PATIENCE,
  });
}

/** Has all go that the scene made, and does not wait for it. */
async function strikeScene(session: Session, scene: Scene, stage: Stage): Promise<void> {
  if (scene.inDefaultNamespace) {
    const selector = '--selector=name in (user-service, bystander)';
    await stage.kubectl(['delete', 'replicasets,pods', selector, '--wait=false']);
  } else {
    await session.dropNamespace(stage.namespace);
  }
}

export interface Attempt {
  readonly outcome: Outcome;
  /** What was measured, or why it failed or was not run. */
  readonly figure: string;
  readonly seconds: number;
}

/** Does the work, and times it; an error of any kind is a failure, and one that nobody foresaw keeps its stack. */
export async function attempt(stage: Stage, work: () => Promise<string>): Promise<Attempt> {
  const begun = performance.now();
  const seconds = () => (performance.now() - begun) / 1000;
  try {
    return { figure: await work(), outcome: 'passed', seconds: seconds() };
  } catch (error) {
    if (error instanceof NotRun)
      return { figure: error.message, outcome: 'not run', seconds: seconds() };
    const { message, stack } = error as Error;
    const told = error instanceof ClusterError ? message : (stack ?? message);
    // Where things lie on this machine says nothing to a reader.
    const figure = told.replaceAll(stage.cluster.kubectlPath, 'kubectl').replaceAll(`${ROOT}/`, '');
    return { figure, outcome: 'failed', seconds: seconds() };
  }
}

/** Pods and the last events of a namespace, for whoever asks why. */
async function whatIsThere(stage: Stage): Promise<string> {
  const allowFailure = true;
  const pods = await stage.kubectl(['get', 'pods', '--output=wide'], { allowFailure });
  const events = await stage.kubectl(['get', 'events', '--sort-by=.lastTimestamp'], {
    allowFailure,
  });
  const last = events.stdout.trimEnd().split('\n').slice(-EVENTS_SHOWN);
  return [...`${pods.stdout}${pods.stderr}`.trimEnd().split('\n'), ...last]
    .map((line) => `       | ${line}`)
    .join('\n');
}
