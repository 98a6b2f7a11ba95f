/** What each check of parity needs: verdict, an API server of the same version, and manifests for its namespace. */
import { type Cluster, kubernetesVersion } from 'local-cluster';
import * as fc from 'fast-check';
import { loadVerdict, type Verdict } from 'kube-verdict';
import { ApiServer } from './api-server';
import { ACCOUNT, byType, corpus, type Base } from './corpus';
import { CheckFailure } from '../../harness/check';
import type { TestContext } from '../../harness/test-context';
import type { JsonObject } from './json';
import { edits, mistakes, vocabularyOf, type Case } from './mutations';

export interface ParityContext {
  readonly verdict: Verdict;
  readonly server: ApiServer;
  readonly namespace: string;
  /** By `apiVersion kind`. */
  readonly bases: ReadonlyMap<string, readonly Base[]>;
}

/** Verdict and the API server must be of one version, which only the node from source is sure to be. */
export async function otherVersion({
  provider,
  description,
}: Cluster): Promise<string | undefined> {
  if (provider !== 'node')
    return `only a node that npm run cluster -- up built is compared, and this is ${description}`;
  const verdict = await loadVerdict();
  try {
    const version = `v${verdict.kubernetes}`;
    if (version === kubernetesVersion()) return undefined;
    return `the node is ${kubernetesVersion()}, and verdict is ${version}`;
  } finally {
    await verdict.close();
  }
}

/** Runs the work with all that a check of parity needs. */
export async function withParity(
  context: TestContext,
  { kinds }: Draw,
  work: (parity: ParityContext) => Promise<string>,
): Promise<string> {
  const { cluster, namespace } = context;
  const verdict = await loadVerdict();
  try {
    const server = await ApiServer.open(cluster, (manifest) => context.withFault(manifest));
    try {
      const bases = ofKinds(byType(corpus(verdict, namespace), verdict), kinds);
      const more = ['apps/v1 ReplicaSet', 'apps/v1 ControllerRevision', 'v1 ServiceAccount'];
      await server.discover(new Set([...bases.keys(), ...more]));
      await makeAccounts(context, server);
      return await work({ verdict, server, namespace, bases });
    } finally {
      server.close();
    }
  } finally {
    await verdict.close();
  }
}

/** Those of these kinds. @throws {CheckFailure} where there are none. */
export function ofKinds(
  bases: Map<string, Base[]>,
  kinds: readonly string[] | undefined,
): Map<string, Base[]> {
  if (kinds === undefined) return bases;
  const chosen = [...bases].filter(([type]) => kinds.includes(type.split(' ')[1] ?? ''));
  if (chosen.length === 0) throw new CheckFailure(`no kind ${kinds.join(', ')} is judged`);
  return new Map(chosen);
}

async function makeAccounts(context: TestContext, server: ApiServer): Promise<void> {
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: ACCOUNT } };
  const { code, body } = await server.create(account, context.namespace, false);
  if (code !== 201 && code !== 409)
    throw new Error(`ServiceAccount ${ACCOUNT}: ${JSON.stringify(body)}`);
  await context.until('the ServiceAccount default', async () => {
    const { accepted, code } = await server.get(account, 'default', context.namespace);
    return accepted ? { found: true } : { lastSeen: `${code}` };
  });
}

/** Where an object of a base lives. */
export function namespaceOf(
  { namespaced }: Base,
  { namespace }: ParityContext,
): string | undefined {
  return namespaced ? namespace : undefined;
}

/**
 * What an update may do to them depends on what controllers have written: whether a PersistentVolumeClaim is bound, how a
 * Node is tainted; and what is taken away of an autoscaler stays once its status was written in another version.
 */
const JUDGED_LIVE: ReadonlySet<string> = new Set([
  'v1 PersistentVolumeClaim',
  'v1 Node',
  'autoscaling/v1 HorizontalPodAutoscaler',
]);

/** How many cases, and which. */
export interface Draw {
  readonly count: number;
  /** fast-check's: the same seed makes the same cases. */
  readonly seed: number;
  /** @default all */
  readonly kinds?: readonly string[] | undefined;
}

/** So many cases, as many of each kind, the kinds in turn. */
export function cases(
  { bases }: ParityContext,
  { count, seed, update }: Draw & { readonly update: boolean },
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

export async function before(parity: ParityContext, { base, live }: Case): Promise<Before> {
  const { body } = await parity.server.get(base.manifest, base.name, namespaceOf(base, parity));
  return { live: body, options: live ? { live: body } : {} };
}

/** Kinds that would be in the way of the others once they are there. */
const LAST: ReadonlySet<string> = new Set(['v1 ResourceQuota', 'v1 LimitRange']);

/** Makes an object of each named base by `make`, does the work, and takes them away again. */
export async function withObjects(
  parity: ParityContext,
  make: (bases: readonly Base[]) => Promise<void>,
  work: () => Promise<string>,
): Promise<string> {
  const all = [...parity.bases.values()].flat().filter(({ name }) => name !== '');
  const isLast = ({ type }: Base) => LAST.has(type);
  try {
    await make(all.filter((base) => !isLast(base)));
    await make(all.filter(isLast));
    return await work();
  } finally {
    // What is of no namespace goes with none; fixed ports and addresses are to be free for the next.
    for (const base of all) {
      await parity.server.delete(base.manifest, base.name, namespaceOf(base, parity));
    }
  }
}

/** @throws {CheckFailure} for a base that the API server does not take. */
export function refusedBase({ type, name }: Base, why: string): never {
  throw new CheckFailure(`verdict accepts the ${type} ${name}; the API server says: ${why}`);
}
