/** That verdict says what the API server and the controllers do: the same generated manifests, judged by both. */
import type { Check, Fault, Suite } from '../../harness/check';
import { refuseNew } from '../../harness/rollout';
import { judgeClientSide } from './client-side';
import { type Draw, otherVersion } from './context';
import { judgeCreates } from './creates';
import { judgeRollouts } from './rollouts';
import { judgeServerSide } from './server-side';
import { isRecord, type Json } from './json';
import { judgeUnstored } from './unstored';

export interface ParityOptions {
  /** Of all checks together. @default 27000, which take about four minutes; 4000 for a self-test */
  readonly cases?: number | undefined;
  /** Whether faults are injected. @default false */
  readonly selfTest?: boolean;
  /** @default drawn at random */
  readonly seed?: number | undefined;
  /** Of what, as in `Lease`. @default all that kube-verdict judges */
  readonly kinds?: readonly string[] | undefined;
}

export const CASES = 27_000;
/** Enough that what a fault breaks is among them. */
const SELF_TEST_CASES = 4_000;
/** Shares of the cases: more of those that cost little, and of each update 100 of a kind. */
export const SHARES = {
  creates: 0.54,
  serverSide: 0.27,
  clientSide: 0.182,
  rollouts: 0.008,
} as const;

/** As if its labels were not validated. */
const NO_LABELS: Fault = {
  what: 'labels are taken from each manifest on its way to the cluster, where nothing then validates them',
  manifest: (manifest: { metadata?: Json }) => {
    // A case that is being shrunk may have none.
    if (isRecord(manifest.metadata)) delete manifest.metadata.labels;
  },
};
const IMMUTABLE: Fault = {
  what: 'each ConfigMap is made immutable on its way to the cluster',
  manifest: (manifest) => {
    if (manifest.kind === 'ConfigMap') Object.assign(manifest, { immutable: true });
  },
};
const NO_TEMPLATES: Fault = {
  what: 'a quota of the namespace refuses new ReplicaSets, so that no Deployment rolls out',
  cluster: (context) => refuseNew(context, 'count/replicasets.apps'),
};

const STORED: Fault = {
  what: 'each object becomes a ConfigMap on its way to the cluster, which is stored',
  manifest: (manifest) => {
    Object.assign(manifest, { apiVersion: 'v1', kind: 'ConfigMap' });
    for (const key of ['spec', 'target']) Reflect.deleteProperty(manifest, key);
  },
};

export function parity({
  selfTest = false,
  cases = selfTest ? SELF_TEST_CASES : CASES,
  seed,
  kinds,
}: ParityOptions = {}): Suite {
  const drawn = seed ?? Math.floor(Math.random() * 2 ** 31);
  const draw = (share: number): Draw => ({
    count: Math.ceil(cases * share),
    seed: drawn,
    kinds,
  });
  const alone = (name: string, check: Check) => ({ name, checks: [check] });
  return {
    name: 'parity',
    requires: { other: otherVersion },
    notes: [
      'parity: generated from a manifest of each kind by up to three mutations; no Pod of them is ever scheduled',
    ],
    fixtures: [
      alone('creates', {
        name: 'kube-verdict judges a new object as the API server does',
        how: 'create beside POST ?dryRun=All&fieldValidation=Strict: the same yes or no, and the same fields in a 422',
        run: (context) => judgeCreates(context, draw(SHARES.creates)),
        fault: NO_LABELS,
      }),
      alone('server-side', {
        name: 'kube-verdict judges a server-side apply as the API server does',
        how: 'apply with serverSide beside a forced PATCH ?dryRun=All of a real object: the same yes or no, fields, and change or none',
        run: (context) => judgeServerSide(context, draw(SHARES.serverSide)),
        fault: IMMUTABLE,
      }),
      alone('client-side', {
        name: 'kube-verdict judges kubectl apply as kubectl and the API server do',
        how: 'apply beside kubectl apply --dry-run=server to a real object: the same yes or no, fields, and change or none',
        run: (context) => judgeClientSide(context, draw(SHARES.clientSide)),
        fault: IMMUTABLE,
      }),
      alone('rollouts', {
        name: 'kube-verdict says rollout where the controllers roll out',
        how: 'applied for real: a new ReplicaSet (Deployment) or ControllerRevision (StatefulSet, DaemonSet) appears, or none',
        run: (context) => judgeRollouts(context, draw(SHARES.rollouts)),
        fault: NO_TEMPLATES,
      }),
      alone('unstored', {
        name: 'kube-verdict refuses to apply what the API server does not store',
        how: 'apply beside kubectl apply, client-side and server-side, of reviews, a Binding and a ComponentStatus: the same reason',
        run: judgeUnstored,
        fault: STORED,
      }),
    ],
  };
}
