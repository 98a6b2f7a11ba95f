/** Flux, which reconciles dist/production from a Git repository: gitops/flux/production.yaml. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { expect } from '../../harness/check';
import { ROOT } from '../../harness/root';
import type { TestContext } from '../../harness/test-context';
import { deployLoad } from '../../system/load';
import { type Draft, makeSecrets, productionFiles, untilStands } from '../../system/production';
import { Repository, type Files } from './repository';

/** The namespace of what tells Flux what to reconcile: of the run, so that it goes with it. */
export const RECONCILER = 'reconciler';
const INPUT = 'gitops/flux/production.yaml';
const SOURCE = 'gitrepository/user-service';
export const SET = 'kustomization/user-production';
/** Flux' own annotation, by which it is asked not to wait for the interval. */
const REQUEST = 'reconcile.fluxcd.io/requestedAt';
/** Milliseconds: MySQL makes its data folder, three Pods become available. */
const RECONCILED_TIMEOUT = 300_000;
/** Milliseconds: at most one rollout. */
const AGAIN_TIMEOUT = 120_000;

/** What Flux says of the set. */
export interface Verdict {
  readonly ready: boolean;
  readonly reason: string;
  readonly message: string;
}

const repositories = new WeakMap<TestContext, Repository>();

function repositoryOf(context: TestContext): Repository {
  const repository = repositories.get(context);
  if (repository === undefined) throw new Error('there is no repository yet');
  return repository;
}

/** Has Flux put dist/production on the cluster, and waits until it stands as it is in `dist`. */
export async function standUpByFlux(context: TestContext): Promise<void> {
  const { fromSource } = context.cluster;
  if (!repositories.has(context) && fromSource !== undefined) {
    await fromSource.install('flux');
    const repository = await Repository.open(await fromSource.gitRepository('production'));
    repositories.set(context, repository);
    await makeSecrets(context);
    for (const object of inputs(context, repository.url)) await inReconciler(context, object);
    await deployLoad(context);
  }
  const { ready, message } = await commit(context, productionFiles(context), 'Deploy production');
  expect(ready, () => `Flux says: ${message}`);
  await untilStands(context);
}

/** The first two objects of what a person applies, with the address of the repository and the run's namespace. */
function inputs(context: TestContext, url: string): Draft[] {
  const documents = parseAllDocuments(readFileSync(join(ROOT, INPUT), 'utf8'));
  return documents.slice(0, 2).map((document) => {
    const draft = document.toJS() as Draft;
    const namespaced = { ...draft, metadata: { ...draft.metadata, namespace: RECONCILER } };
    if (draft.kind === 'GitRepository') namespaced.spec = { ...draft.spec, url };
    return context.withFault(namespaced);
  });
}

async function inReconciler(context: TestContext, object: Draft): Promise<void> {
  await context.cluster.kubectl(['apply', '--filename=-'], { input: JSON.stringify(object) });
}

/** Commits the files, pushes them, and waits until Flux has done with them what it does. @returns what it says. */
export async function commit(
  context: TestContext,
  files: Files,
  message: string,
): Promise<Verdict> {
  const revision = await repositoryOf(context).commit(files, message);
  await request(context, SOURCE);
  return verdictOn(
    context,
    `Flux to reconcile ${revision.slice(0, 7)}`,
    ({ lastAttemptedRevision }) => lastAttemptedRevision?.endsWith(revision) === true,
  );
}

/** Asks Flux to look at the cluster again, as it does at each interval. */
export async function reconcileAgain(context: TestContext): Promise<Verdict> {
  const at = await request(context, SET);
  return verdictOn(
    context,
    'Flux to reconcile the set again',
    ({ lastHandledReconcileAt }) => lastHandledReconcileAt === at,
    AGAIN_TIMEOUT,
  );
}

async function request(context: TestContext, reference: string): Promise<string> {
  const at = `${Date.now()}`;
  await context.kubectl([
    ...[`--namespace=${RECONCILER}`, 'annotate', '--overwrite', reference, `${REQUEST}=${at}`],
  ]);
  return at;
}

interface SetStatus {
  readonly lastAttemptedRevision?: string;
  readonly lastHandledReconcileAt?: string;
  readonly conditions?: readonly {
    readonly type: string;
    readonly status: string;
    readonly reason: string;
    readonly message: string;
  }[];
}

async function verdictOn(
  context: TestContext,
  what: string,
  isDone: (status: SetStatus) => boolean,
  timeout = RECONCILED_TIMEOUT,
): Promise<Verdict> {
  return context.until<Verdict>(
    what,
    async () => {
      const { stdout } = await context.kubectl([
        ...[`--namespace=${RECONCILER}`, 'get', SET, '--output=json'],
      ]);
      const { status } = JSON.parse(stdout) as { status?: SetStatus };
      const ready = status?.conditions?.find(({ type }) => type === 'Ready');
      return status !== undefined &&
        ready !== undefined &&
        ready.status !== 'Unknown' &&
        isDone(status)
        ? { found: { ...ready, ready: ready.status === 'True' } }
        : {
            lastSeen: `${status?.lastAttemptedRevision ?? 'no revision'}: ${ready?.message ?? 'no condition'}`,
          };
    },
    timeout,
  );
}
