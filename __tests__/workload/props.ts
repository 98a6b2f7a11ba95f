import type { DeploymentProps } from '../../lib/workload/deployment';
import type { PodProps } from '../../lib/workload/pod';
import type { ReplicaSetProps } from '../../lib/workload/replica-set';
import type { ReplicationControllerProps } from '../../lib/workload/replication-controller';
import type { StatefulSetProps } from '../../lib/workload/stateful-set';

// Every prop of every construct: a new one does not compile until it is given, and so tested, here.

export const pod: Required<PodProps> = {
  name: 'shop',
  namespace: 'staging',
  template: {
    labels: { 'app.kubernetes.io/name': 'shop', tier: 'web' },
    containers: [
      {
        name: 'web',
        image: 'registry.example:5000/team/web:1.2',
        ports: [8080, 9090],
        env: { LOG_LEVEL: 'debug', EMPTY: '' },
        imagePullPolicy: 'Always',
      },
    ],
  },
};

export const replicationController: Required<ReplicationControllerProps> = {
  ...pod,
  labels: { team: 'shop' },
  selector: { matchLabels: { tier: 'web' } },
  replicas: 2,
};

export const replicaSet: Required<ReplicaSetProps> = {
  ...replicationController,
  selector: {
    matchLabels: { tier: 'web' },
    matchExpressions: [
      { key: 'tier', operator: 'In', values: ['web', 'api'] },
      { key: 'track', operator: 'NotIn', values: ['canary'] },
      { key: 'app.kubernetes.io/name', operator: 'Exists' },
      { key: 'legacy', operator: 'DoesNotExist' },
    ],
  },
};

export const deployment: Required<DeploymentProps> = {
  ...replicaSet,
  strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: '10%' } },
};

export const statefulSet: Required<StatefulSetProps> = { ...replicaSet, serviceName: 'shop' };
