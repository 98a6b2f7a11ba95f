/** The protections of production, and what the same manifests are without one of them. */
import type { Manifest } from '../../harness/objects';
import { type Draft, logUnflushed } from '../../system/production';

/** What is done to the system. */
export type EventName = 'image change' | 'drain' | 'MySQL killed';

export interface Protection {
  readonly name: string;
  /** What is written instead. */
  readonly without: string;
  readonly off: (draft: Required<Draft>) => void;
  /** The events that it is to matter in. */
  readonly events: readonly EventName[];
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

export const PROTECTIONS: readonly Protection[] = [
  {
    name: 'readiness and start-up probe',
    without: 'a Pod takes requests as soon as its process runs',
    off: ofService((draft) => {
      for (const container of podOf(draft).containers) {
        delete container.readinessProbe;
        delete container.startupProbe;
      }
    }),
    events: ['image change', 'drain'],
  },
  {
    name: 'drain in the service',
    without: 'DRAIN_DELAY 0s: it closes its port as soon as it is told to end',
    off: (draft) => {
      if (draft.kind === 'ConfigMap' && draft.metadata.name.startsWith('user-'))
        draft.data.DRAIN_DELAY = '0s';
    },
    events: ['image change', 'drain'],
  },
  {
    name: 'grace period',
    without: 'terminationGracePeriodSeconds 0: killed at once',
    off: ofService((draft) => {
      podOf(draft).terminationGracePeriodSeconds = 0;
    }),
    events: ['image change', 'drain'],
  },
  {
    name: 'maxUnavailable 0',
    without: 'maxUnavailable 100 %: the old Pods go before the new are ready',
    off: ofService(({ spec }) => {
      spec.strategy = { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '100%' } };
    }),
    events: ['image change', 'drain'],
  },
  {
    name: 'minReadySeconds',
    without: 'minReadySeconds 0',
    off: ofService(({ spec }) => {
      spec.minReadySeconds = 0;
    }),
    events: ['image change', 'drain'],
  },
  {
    name: 'spread over nodes and disruption budget',
    without: 'all Pods on the node that is drained, evicted together',
    off: (draft) => {
      ofService((deployment) => {
        const pod = podOf(deployment);
        delete pod.topologySpreadConstraints;
        // What a scheduler may do without the constraint, made certain.
        pod.affinity = {
          nodeAffinity: {
            preferredDuringSchedulingIgnoredDuringExecution: [
              {
                weight: 100,
                preference: {
                  matchExpressions: [
                    {
                      key: 'kubernetes.io/hostname',
                      operator: 'In',
                      values: ['node-from-source-2'],
                    },
                  ],
                },
              },
            ],
          },
        };
      })(draft);
      if (draft.kind === 'PodDisruptionBudget' && draft.metadata.name === 'user')
        draft.spec.maxUnavailable = '100%';
    },
    events: ['drain'],
  },
  {
    name: 'disruption budget alone',
    without: 'maxUnavailable 100 %: a drain may evict all Pods of its node at once',
    off: (draft) => {
      if (draft.kind === 'PodDisruptionBudget' && draft.metadata.name === 'user')
        draft.spec.maxUnavailable = '100%';
    },
    events: ['drain'],
  },
  {
    name: "MySQL's log flushed at commit",
    without: 'innodb_flush_log_at_trx_commit 0: written once a second',
    off: (draft) => {
      logUnflushed(draft as unknown as Manifest);
    },
    events: ['MySQL killed'],
  },
];
