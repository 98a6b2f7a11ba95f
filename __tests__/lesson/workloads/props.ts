import type {
  LessonDeploymentProps,
  LessonPodProps,
  LessonReplicaSetProps,
  LessonReplicationControllerProps,
  LessonStatefulSetProps,
} from '../../../lib';

// Every prop of every construct: a new one does not compile until it is given, and so tested, here.

export const pod: Required<LessonPodProps> = {
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

export const replicationController: Required<LessonReplicationControllerProps> = {
  ...pod,
  labels: { team: 'shop' },
  selector: { matchLabels: { tier: 'web' } },
  replicas: 2,
};

export const replicaSet: Required<LessonReplicaSetProps> = {
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

export const deployment: Required<LessonDeploymentProps> = {
  ...replicaSet,
  strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: '10%' } },
};

export const statefulSet: Required<LessonStatefulSetProps> = { ...replicaSet, serviceName: 'shop' };
