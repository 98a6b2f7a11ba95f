/** dist/production on a cluster. */
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { run } from 'local-cluster';
import { describePods, isActive, type Manifest, type Pod } from '../harness/objects';
import type { Requirements } from '../harness/check';
import { ROOT } from '../harness/root';
import type { TestContext } from '../harness/test-context';
import { deployLoad } from './load';
import { IMAGES, PRODUCTION } from './names';
import { nodes, nodesToItself } from './nodes';

/** Milliseconds until MySQL has made its data folder and three Pods are available, on a busy machine. */
export const UP_TIMEOUT = 240_000;
/** Seconds, for kubectl. */
export const ROLLOUT = '--timeout=240s';

/** What every suite needs that puts production on a cluster. */
export const needs: Requirements = {
  nodes: 2,
  enforced: ['NetworkPolicy'],
  images: Object.values(IMAGES),
  other: nodesToItself,
};

/** A manifest whose fields a check or a fault changes. */
export interface Draft {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  data?: Record<string, string>;
  spec?: Record<string, unknown>;
}

/**
 * Applies dist/production, makes its secrets, and has it and the load's Pods run; what is there is left as it is.
 *
 * MySQL and Redis go to the first node, so that the second is one without the stores. The autoscaler is held at
 * three Pods, and backups wait: what is done to Pods is not to mix with what these do.
 *
 * @param change what is to be other than in dist. @default nothing
 */
export async function standUp(
  context: TestContext,
  change?: (draft: Draft) => void,
): Promise<void> {
  const there = await context.kubectl(['get', 'deployment/user'], { allowFailure: true });
  if (there.code !== 0) {
    const all = productionManifests(context, change);
    const isStore = ({ metadata: { name } }: Draft) => /^(?:mysql|redis)/.test(name);
    const [, ...others] = await nodes(context);
    if (others.length > 0) await context.kubectl(['cordon', ...others]);
    await applyAll(
      context,
      all.filter(({ kind }) => kind === 'Namespace' || kind === 'NetworkPolicy'),
    );
    await makeSecrets(context);
    await applyAll(context, all.filter(isStore));
    await untilPodsAre(context, 2, ({ spec }) => spec.nodeName !== undefined);
    if (others.length > 0) await context.kubectl(['uncordon', ...others]);
    await applyAll(context, all);
    await deployLoad(context);
  }
  await untilStands(context);
}

export async function makeSecrets({ cluster }: TestContext): Promise<void> {
  const { env } = cluster;
  await run(['npm', 'run', '--silent', 'secrets', '--', 'production'], { cwd: ROOT, env });
}

/** Waits until the Deployment and its stores are as they were asked for. */
export async function untilStands(context: TestContext): Promise<void> {
  for (const reference of ['statefulset/mysql', 'statefulset/redis', 'deployment/user'])
    await rolledOut(context, reference);
  await untilPodsAre(context, 3, (pod) => pod.metadata.name.startsWith('user-') && isReady(pod));
}

export async function rolledOut(context: TestContext, reference: string): Promise<void> {
  await context.kubectl(['rollout', 'status', reference, ROLLOUT], {
    timeout: UP_TIMEOUT + 10_000,
  });
}

/** Pods of the service that are not being deleted. */
export async function userPods(context: TestContext): Promise<readonly Pod[]> {
  return (await context.list<Pod>('pods', USER_PODS)).filter(isActive);
}

/** Selects the service's Pods. */
export const USER_PODS = '--selector=app.kubernetes.io/name=user';

/** What `kubectl apply -f dist/production` applies, in its order. */
export function productionManifests(
  context: TestContext,
  change?: (draft: Draft) => void,
): readonly Draft[] {
  return [...productionFiles(context, change).values()].flat();
}

/** The same, by the path of its file from the root of the repository. */
export function productionFiles(
  context: TestContext,
  change?: (draft: Draft) => void,
): ReadonlyMap<string, readonly Draft[]> {
  const folder = 'dist/production';
  const byFile = new Map<string, readonly Draft[]>();
  for (const file of readdirSync(join(ROOT, folder)).sort()) {
    const path = `${folder}/${file}`;
    byFile.set(path, context.manifests(path));
  }
  for (const draft of [...byFile.values()].flat()) {
    if (draft.kind === 'HorizontalPodAutoscaler' && draft.spec !== undefined)
      Object.assign(draft.spec, { minReplicas: 3, maxReplicas: 3 });
    if (draft.kind === 'CronJob' && draft.spec !== undefined) draft.spec.suspend = true;
    change?.(draft);
  }
  return byFile;
}

/**
 * ConfigMaps cannot be changed: those that differ get other names, as a synthesis would give them, everywhere.
 *
 * @param before the manifests as they are in dist.
 * @param after the same, with what was changed.
 */
export function underOtherNames(
  before: readonly Draft[],
  after: readonly Draft[],
): readonly Draft[] {
  let text = JSON.stringify(after);
  for (const { kind, metadata, data } of after) {
    const was = before.find((one) => one.kind === kind && one.metadata.name === metadata.name);
    if (kind !== 'ConfigMap' || JSON.stringify(was?.data) === JSON.stringify(data)) continue;
    const digest = createHash('sha256').update(JSON.stringify(data)).digest('hex').slice(0, 6);
    text = text.replaceAll(`"${metadata.name}"`, `"${metadata.name}-${digest}"`);
  }
  return JSON.parse(text) as Draft[];
}

export async function applyAll(context: TestContext, drafts: readonly Draft[]): Promise<string> {
  const { stdout } = await context.cluster.kubectl(['apply', '--filename=-'], {
    input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: drafts }),
  });
  return stdout;
}

async function untilPodsAre(context: TestContext, count: number, holds: (pod: Pod) => boolean) {
  await context.until<boolean>(`${count} Pods of ${PRODUCTION}`, async () => {
    const pods = await context.pods();
    return pods.filter(holds).length >= count ? { found: true } : { lastSeen: describePods(pods) };
  });
}

function isReady({ status }: Pod): boolean {
  return (
    status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true
  );
}

/** A fault in one manifest. */
export function faultIn(
  kind: string,
  name: RegExp,
  change: (draft: Required<Draft>) => void,
): (manifest: Manifest) => void {
  return (manifest) => {
    const draft = manifest as unknown as Required<Draft>;
    if (draft.kind === kind && name.test(draft.metadata.name)) change(draft);
  };
}

/** Hashing a password costs the service the least that it allows. */
export function leastCost({ kind, metadata, data }: Draft): void {
  if (kind === 'ConfigMap' && metadata.name.startsWith('user-') && data !== undefined)
    Object.assign(data, { ARGON2_MEMORY_KIB: '8', ARGON2_TIME: '1' });
}

/** MySQL's log is written once a second, not at each commit: a kill takes what was acknowledged since. */
export const logUnflushed = faultIn('ConfigMap', /^mysql-[0-9a-f]+$/, ({ data }) => {
  for (const [file, text] of Object.entries(data))
    data[file] = text.replace('flush_log_at_trx_commit = 1', 'flush_log_at_trx_commit = 0');
});
