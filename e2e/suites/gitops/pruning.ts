/** What leaves dist leaves the cluster, and nothing else does. */
import { setTimeout as passing } from 'node:timers/promises';
import { type Check, expect } from '../../harness/check';
import type { TestContext } from '../../harness/test-context';
import { Load, lostAccounts } from '../../system/load';
import { faultIn, productionFiles, untilStands } from '../../system/production';
import { commit, standUpByFlux } from './flux';

/** Of which a production has objects, other than those that controllers make of these. */
const KINDS = [
  'configmaps,secrets,serviceaccounts,services,persistentvolumeclaims',
  'deployments.apps,statefulsets.apps,cronjobs.batch,jobs.batch',
  'poddisruptionbudgets.policy,horizontalpodautoscalers.autoscaling,networkpolicies.networking.k8s.io',
].join(',');
/** With its claim and its Secrets, the worst to lose. */
const LEFT_OUT = 'dist/production/mysql.k8s.yaml';
const RATE = 6;
/** Milliseconds. */
const LOADED = 5_000;

export const pruned: Check = {
  name: 'pruning removes what left dist and nothing else: no claim, no Secret, nothing made by hand',
  how:
    `accounts are made; a commit without ${LEFT_OUT}; all objects of the namespace are compared by name and UID; ` +
    'committed again, every account logs in',
  prepare: standUpByFlux,
  run: async (context) => {
    await context.kubectl(['create', 'configmap', 'made-by-hand'], { allowFailure: true });
    const load = await Load.start(context, RATE);
    await passing(LOADED);
    const { accounts } = await load.stop();
    const before = await objects(context);
    const all = productionFiles(context);
    const rest = new Map([...all].filter(([path]) => path !== LEFT_OUT));
    const { ready, message } = await commit(context, rest, `Leave out ${LEFT_OUT}`);
    expect(ready, () => `Flux says: ${message}`);
    const after = await objects(context);
    const wanted = (all.get(LEFT_OUT) ?? [])
      .map(({ kind, metadata }) => `${kind}/${metadata.name}`)
      .sort();
    const gone = [...before.keys()].filter((name) => after.get(name) !== before.get(name)).sort();
    expect(
      JSON.stringify(gone) === JSON.stringify(wanted),
      () => `gone are ${gone.join(', ') || 'none'}; what left dist is ${wanted.join(', ')}`,
    );
    const again = await commit(context, all, `Take back ${LEFT_OUT}`);
    expect(again.ready, () => `the next commit: ${again.message}`);
    await untilStands(context);
    const lost = await lostAccounts(context, accounts);
    expect(lost.length === 0, () => `${lost.length} of ${accounts.length} accounts are lost`);
    const kept = (kind: string) => [...after.keys()].filter((name) => name.startsWith(kind)).length;
    return (
      `${gone.length} objects went, ${after.size} are as they were, of these ${kept('Secret/')} Secrets and ` +
      `${kept('PersistentVolumeClaim/')} claims; committed again, ${accounts.length} of ${accounts.length} accounts are there`
    );
  },
  fault: {
    what: 'the set is reconciled without pruning (prune: false)',
    manifest: faultIn('Kustomization', /^user-production$/, ({ spec }) => {
      spec.prune = false;
    }),
  },
};

/** UIDs by kind and name. */
async function objects(context: TestContext): Promise<ReadonlyMap<string, string>> {
  const all = await context.list<{
    kind: string;
    metadata: { name: string; uid: string; deletionTimestamp?: string };
  }>(KINDS);
  return new Map(
    all
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      .map(({ kind, metadata: { name, uid } }) => [`${kind}/${name}`, uid]),
  );
}
