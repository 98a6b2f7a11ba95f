/** That verdict says what the API server and the controllers do: the same generated manifests, judged by both. */
import type { Claim, Suite } from '../../harness/claim';
import { refuseNew } from '../../harness/rollout';
import { judgeClientSide } from './client-side';
import { judgeCreates } from './creates';
import { judgeRollouts } from './rollouts';
import { judgeServerSide } from './server-side';
import { isRecord, type Json } from './json';
import type { Size } from './size';

export interface ParityOptions {
  /** Of all claims together. @default 19000, which take about three minutes */
  readonly cases?: number | undefined;
  /** @default drawn at random */
  readonly seed?: number | undefined;
}

export const CASES = 19_000;
/** Shares of the cases: more of those that cost little, and of each update 100 of a kind. */
export const SHARES = {
  creates: 0.54,
  serverSide: 0.27,
  clientSide: 0.182,
  rollouts: 0.008,
} as const;

/** As if its labels were not validated. */
const NO_LABELS: Claim['breakage'] = {
  what: 'labels are taken from each manifest on its way to the cluster, where nothing then validates them',
  manifest: (manifest: { metadata?: Json }) => {
    // A case that is being shrunk may have none.
    if (isRecord(manifest.metadata)) delete manifest.metadata.labels;
  },
};
const IMMUTABLE: Claim['breakage'] = {
  what: 'each ConfigMap is made immutable on its way to the cluster',
  manifest: (manifest) => {
    if (manifest.kind === 'ConfigMap') Object.assign(manifest, { immutable: true });
  },
};
const NO_TEMPLATES: Claim['breakage'] = {
  what: 'a quota of the namespace refuses new ReplicaSets, so that no Deployment rolls out',
  cluster: (stage) => refuseNew(stage, 'count/replicasets.apps'),
};

export function parity({ cases = CASES, seed }: ParityOptions = {}): Suite {
  const drawn = seed ?? Math.floor(Math.random() * 2 ** 31);
  const size = (share: number): Size => ({ count: Math.ceil(cases * share), seed: drawn });
  const claim = (scene: string, claims: Claim) => ({ name: scene, claims: [claims] });
  return {
    name: 'parity',
    withoutImages: true,
    notes: [
      'parity: generated from a manifest of each kind by up to three mutations; no Pod of them is ever scheduled',
    ],
    scenes: [
      claim('creates', {
        name: 'kube-verdict judges a new object as the API server does',
        how: 'create beside POST ?dryRun=All&fieldValidation=Strict: the same yes or no, and the same fields in a 422',
        run: (stage) => judgeCreates(stage, size(SHARES.creates)),
        breakage: NO_LABELS,
      }),
      claim('server-side', {
        name: 'kube-verdict judges a server-side apply as the API server does',
        how: 'apply with serverSide beside a forced PATCH ?dryRun=All of a real object: the same yes or no, fields, and change or none',
        run: (stage) => judgeServerSide(stage, size(SHARES.serverSide)),
        breakage: IMMUTABLE,
      }),
      claim('client-side', {
        name: 'kube-verdict judges kubectl apply as kubectl and the API server do',
        how: 'apply beside kubectl apply --dry-run=server to a real object: the same yes or no, fields, and change or none',
        run: (stage) => judgeClientSide(stage, size(SHARES.clientSide)),
        breakage: IMMUTABLE,
      }),
      claim('rollouts', {
        name: 'kube-verdict says rollout where the controllers roll out',
        how: 'applied for real: a new ReplicaSet (Deployment) or ControllerRevision (StatefulSet, DaemonSet) appears, or none',
        run: (stage) => judgeRollouts(stage, size(SHARES.rollouts)),
        breakage: NO_TEMPLATES,
      }),
    ],
  };
}
