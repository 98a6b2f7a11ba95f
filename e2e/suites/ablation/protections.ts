/** The protections of production, and what the same manifests are without one of them. */
import type { Manifest } from '../../harness/objects';
import { type Draft, logUnflushed } from '../../system/production';
import { type Event, EVENTS } from './events';

export interface Protection {
  readonly name: string;
  /** What is written instead. */
  readonly without: string;
  readonly off: (draft: Required<Draft>) => void;
  /** What is done without it, in this order; at least one is to harm. */
  readonly events: readonly Event[];
}

interface PodSpec {
  containers: Record<string, unknown>[];
  [field: string]: unknown;
}

const isService = ({ kind, metadata: { name } }: Draft) => kind === 'Deployment' && name === 'user';
const podOf = ({ spec }: Required<Draft>) => (spec.template as { spec: PodSpec }).spec;

function ofService(change: (draft: Required<Draft>) => void) {
  return (draft: Required<Draft>) => {
    if (isService(draft)) change(draft);
  };
}

const noBudget = (draft: Required<Draft>) => {
  if (draft.kind === 'PodDisruptionBudget' && draft.metadata.name === 'user')
    draft.spec.maxUnavailable = '100%';
};

/** Has the scheduler do what it may where nothing asks for a spread: all Pods on the second node. */
const together = ofService((draft) => {
  const pod = podOf(draft);
  delete pod.topologySpreadConstraints;
  const expression = {
    key: 'kubernetes.io/hostname',
    operator: 'In',
    values: ['node-from-source-2'],
  };
  pod.affinity = {
    nodeAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        { weight: 100, preference: { matchExpressions: [expression] } },
      ],
    },
  };
});

/** After a drain all Pods are on one node; an image change spreads them again. */
const USUAL = [EVENTS.drained, EVENTS.imageChange];

export const PROTECTIONS: readonly Protection[] = [
  {
    name: 'start-up and readiness probe',
    without:
      'no startupProbe, no readinessProbe: a Pod is sent requests as soon as its process runs',
    off: ofService((draft) => {
      for (const container of podOf(draft).containers) {
        delete container.readinessProbe;
        delete container.startupProbe;
      }
    }),
    events: [...USUAL, EVENTS.neverReady],
  },
  {
    name: 'delay before the port closes',
    without: 'DRAIN_DELAY 0s: a Pod closes its port as soon as it is told to end',
    off: (draft) => {
      if (draft.kind === 'ConfigMap' && draft.metadata.name.startsWith('user-'))
        draft.data.DRAIN_DELAY = '0s';
    },
    events: USUAL,
  },
  {
    name: 'grace period',
    without: 'terminationGracePeriodSeconds 0: a Pod is killed with what it was doing',
    off: ofService((draft) => {
      podOf(draft).terminationGracePeriodSeconds = 0;
    }),
    events: USUAL,
  },
  {
    name: 'maxUnavailable 0',
    without: 'maxUnavailable 100 %: old Pods go before new ones are ready',
    off: ofService(({ spec }) => {
      spec.strategy = { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '100%' } };
    }),
    events: USUAL,
  },
  {
    name: 'minReadySeconds',
    without: 'minReadySeconds 0: a Pod counts as soon as it is ready',
    off: ofService(({ spec }) => {
      spec.minReadySeconds = 0;
    }),
    events: [EVENTS.imageChange, EVENTS.crashingImage],
  },
  {
    name: 'disruption budget',
    without: 'maxUnavailable 100 %: evictions take all Pods, also where no node takes new ones',
    off: noBudget,
    events: [EVENTS.drained, EVENTS.noNodeFree],
  },
  {
    name: 'spread over nodes',
    without: 'no topologySpreadConstraints, and a scheduler that puts all Pods on one node',
    off: together,
    events: [EVENTS.nodeFails, EVENTS.drained],
  },
  {
    name: "MySQL's log flushed at commit",
    without: 'innodb_flush_log_at_trx_commit 0: written once a second',
    off: (draft) => {
      logUnflushed(draft as unknown as Manifest);
    },
    events: [EVENTS.mysqlKilled],
  },
];
