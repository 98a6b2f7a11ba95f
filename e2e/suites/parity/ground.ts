/** What a claim of parity stands on: verdict, an API server of the same version, and manifests for its namespace. */
import * as fc from 'fast-check';
import { loadVerdict, type Verdict } from 'kube-verdict';
import { kubernetesVersion } from 'local-cluster';
import { ApiServer } from './api-server';
import { ACCOUNT, byType, corpus, type Base } from './corpus';
import { ClaimFailure, NotRun } from '../../harness/claim';
import type { Stage } from '../../harness/stage';
import type { JsonObject } from './json';
import { edits, mistakes, vocabularyOf, type Case } from './mutations';

export interface Ground {
  readonly verdict: Verdict;
  readonly server: ApiServer;
  readonly namespace: string;
  /** By `apiVersion kind`. */
  readonly bases: ReadonlyMap<string, readonly Base[]>;
}

/**
 * Runs the work where verdict and the API server are of one version.
 *
 * @throws {NotRun} elsewhere.
 */
export async function onGround(
  stage: Stage,
  work: (ground: Ground) => Promise<string>,
): Promise<string> {
  const { cluster, namespace } = stage;
  const verdict = await loadVerdict();
  try {
    const built = kubernetesVersion();
    if (cluster.provider !== 'node')
      throw new NotRun(
        `only a node that npm run cluster -- up built is compared, and this is ${cluster.description}`,
      );
    if (built !== `v${verdict.kubernetes}`)
      throw new NotRun(`the node is ${built}, and verdict is ${verdict.kubernetes}`);
    const server = await ApiServer.open(cluster, (manifest) => stage.tampered(manifest));
    try {
      const bases = byType(corpus(verdict, namespace), verdict);
      const more = ['apps/v1 ReplicaSet', 'apps/v1 ControllerRevision', 'v1 ServiceAccount'];
      await server.discover(new Set([...bases.keys(), ...more]));
      await makeAccounts(stage, server);
      return await work({ verdict, server, namespace, bases });
    } finally {
      server.close();
    }
  } finally {
    await verdict.close();
  }
}

async function makeAccounts(stage: Stage, server: ApiServer): Promise<void> {
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: ACCOUNT } };
  const { code, body } = await server.create(account, stage.namespace, false);
  if (code !== 201 && code !== 409)
    throw new Error(`ServiceAccount ${ACCOUNT}: ${JSON.stringify(body)}`);
  await stage.until('the ServiceAccount default', async () => {
    const answer = await server.get(account, 'default', stage.namespace);
    return answer.accepted ? { found: true } : { lastSeen: `${answer.code}` };
  });
}

/** Where an object of a base lives. */
export function namespaceOf({ namespaced }: Base, { namespace }: Ground): string | undefined {
  return namespaced ? namespace : undefined;
}

/**
 * What an update may do to them depends on what controllers have written: whether a claim is bound; and what is taken
 * away of an autoscaler stays once its status was written in another version.
 */
const JUDGED_LIVE: ReadonlySet<string> = new Set([
  'v1 PersistentVolumeClaim',
  'autoscaling/v1 HorizontalPodAutoscaler',
]);

/** So many cases, as many of each kind, the kinds in turn. */
export function cases(
  { bases }: Ground,
  {
    count,
    seed,
    update,
  }: { readonly count: number; readonly seed: number; readonly update: boolean },
): Case[] {
  const vocabulary = vocabularyOf([...bases.values()].flat());
  const each = Math.ceil(count / bases.size);
  const ofTypes = [...bases.values()].map((ofType, index) => {
    const named = update ? ofType.filter(({ name }) => name !== '') : ofType;
    const arbitrary = fc.constantFrom(...named).chain((base) =>
      fc.record<Case>({
        base: fc.constant(base),
        mutations: fc.array(
          fc.oneof(
            { weight: 3, arbitrary: edits(base) },
            { weight: 2, arbitrary: mistakes(base, vocabulary, update) },
          ),
          { maxLength: 3 },
        ),
        live: update
          ? JUDGED_LIVE.has(base.type)
            ? fc.constant(true)
            : fc.boolean()
          : fc.constant(false),
      }),
    );
    return fc.sample(arbitrary, { numRuns: each, seed: seed + index });
  });
  return Array.from({ length: each }, (_, turn) =>
    ofTypes.flatMap((ofType) => ofType.slice(turn, turn + 1)),
  ).flat();
}

/** What the cluster holds before an update, and what verdict is told of it. */
export interface Before {
  readonly live: JsonObject;
  readonly options: { readonly live?: JsonObject };
}

export async function before(ground: Ground, { base, live }: Case): Promise<Before> {
  const { body } = await ground.server.get(base.manifest, base.name, namespaceOf(base, ground));
  return { live: body, options: live ? { live: body } : {} };
}

/** Kinds that would be in the way of the others once they are there. */
const LAST: ReadonlySet<string> = new Set(['v1 ResourceQuota', 'v1 LimitRange']);

/** Makes an object of each named base by `make`, does the work, and takes them away again. */
export async function withObjects(
  ground: Ground,
  make: (bases: readonly Base[]) => Promise<void>,
  work: () => Promise<string>,
): Promise<string> {
  const all = [...ground.bases.values()].flat().filter(({ name }) => name !== '');
  const isLast = ({ type }: Base) => LAST.has(type);
  try {
    await make(all.filter((base) => !isLast(base)));
    await make(all.filter(isLast));
    return await work();
  } finally {
    // What is of no namespace goes with none; fixed ports and addresses are to be free for the next.
    for (const base of all) {
      await ground.server.delete(base.manifest, base.name, namespaceOf(base, ground));
    }
  }
}

/** @throws {ClaimFailure} for a base that the API server does not take. */
export function refusedBase({ type, name }: Base, why: string): never {
  throw new ClaimFailure(`verdict accepts the ${type} ${name}; the API server says: ${why}`);
}
