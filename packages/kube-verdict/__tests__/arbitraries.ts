import * as fc from 'fast-check';

/** Manifests of several kinds, most of them acceptable. */

const name = fc.stringMatching(/^[a-z]([-a-z0-9]{0,8}[a-z0-9])?$/);
const label = fc.stringMatching(/^[A-Za-z0-9]([-_.A-Za-z0-9]{0,8}[A-Za-z0-9])?$/);
const labels = fc.dictionary(label, label, { minKeys: 1, maxKeys: 3 });
const quantity = fc.oneof(
  fc.integer({ min: 1, max: 4_000 }).map((n) => `${n}m`),
  fc.integer({ min: 1, max: 64 }).map((n) => `${n}Mi`),
);
const port = fc.integer({ min: 1, max: 65_535 });

const probe = fc.record(
  {
    httpGet: fc.record({ path: fc.constant('/healthz'), port }),
    periodSeconds: fc.integer({ min: 1, max: 60 }),
    failureThreshold: fc.integer({ min: 1, max: 9 }),
  },
  { requiredKeys: ['httpGet'] },
);

const container = fc.record(
  {
    name,
    image: fc.constantFrom('nginx', 'nginx:1.29', 'registry.example/team/app:v2'),
    args: fc.array(fc.string(), { maxLength: 3 }),
    env: fc.uniqueArray(fc.record({ name: label.map((l) => `E${l}`), value: fc.string() }), {
      maxLength: 4,
      selector: (variable) => variable.name,
    }),
    ports: fc.uniqueArray(fc.record({ containerPort: port }), {
      maxLength: 3,
      selector: (p) => p.containerPort,
    }),
    resources: fc.record({ requests: fc.record({ cpu: quantity, memory: quantity }) }),
    readinessProbe: probe,
    imagePullPolicy: fc.constantFrom('Always', 'IfNotPresent', 'Never'),
  },
  { requiredKeys: ['name', 'image'] },
);

const podSpec = fc.record(
  {
    containers: fc.uniqueArray(container, { minLength: 1, maxLength: 2, selector: (c) => c.name }),
    terminationGracePeriodSeconds: fc.integer({ min: 0, max: 100 }),
    nodeSelector: labels,
    securityContext: fc.record({
      runAsNonRoot: fc.boolean(),
      runAsUser: fc.integer({ min: 1, max: 65_535 }),
    }),
  },
  { requiredKeys: ['containers'] },
);

interface Strategy {
  readonly type?: string;
  readonly rollingUpdate?: object;
}

const deploymentOf = fc
  .record({
    name,
    labels,
    podSpec,
    replicas: fc.option(fc.integer({ min: -1, max: 10 }), { nil: undefined, freq: 8 }),
  })
  .map((parts) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: parts.name },
    spec: {
      ...(parts.replicas === undefined ? {} : { replicas: parts.replicas }),
      selector: { matchLabels: parts.labels },
      template: { metadata: { labels: parts.labels }, spec: parts.podSpec },
    },
  }));

const service = fc
  .record({
    name,
    labels,
    type: fc.constantFrom('ClusterIP', 'NodePort', 'LoadBalancer'),
    ports: fc.uniqueArray(port, { minLength: 1, maxLength: 3 }),
  })
  .map((parts) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: parts.name },
    spec: {
      type: parts.type,
      selector: parts.labels,
      ports: parts.ports.map((number) => ({ name: `p${number}`, port: number })),
    },
  }));

const configMap = fc.record({ name, data: fc.dictionary(label, fc.string()) }).map((parts) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: parts.name },
  data: parts.data,
}));

const cronJob = fc
  .record({
    name,
    podSpec,
    schedule: fc.constantFrom('* * * * *', '@hourly', '5 4 * * 1-5', 'never'),
  })
  .map((parts) => ({
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: parts.name },
    spec: {
      schedule: parts.schedule,
      jobTemplate: {
        spec: { template: { spec: { ...parts.podSpec, restartPolicy: 'Never' } } },
      },
    },
  }));

export const manifests = fc.oneof(deploymentOf, service, configMap, cronJob);

/** A Deployment, and the same with what Kubernetes fills in written out. */
export const deployments = fc
  .record({ name, labels, image: fc.constantFrom('nginx:1.29', 'app:v2'), port })
  .map((parts) => {
    const manifest = (spec: Strategy & object, pod: object, inside: object, portExtra: object) => ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: parts.name },
      spec: {
        ...spec,
        selector: { matchLabels: parts.labels },
        template: {
          metadata: { labels: parts.labels },
          spec: {
            ...pod,
            containers: [
              {
                name: 'main',
                image: parts.image,
                ports: [{ containerPort: parts.port, ...portExtra }],
                ...inside,
              },
            ],
          },
        },
      },
    });
    return {
      written: manifest({}, {}, {}, {}),
      defaulted: manifest(
        {
          replicas: 1,
          revisionHistoryLimit: 10,
          progressDeadlineSeconds: 600,
          strategy: {
            type: 'RollingUpdate',
            rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' },
          },
        } as Strategy & object,
        {
          restartPolicy: 'Always',
          dnsPolicy: 'ClusterFirst',
          schedulerName: 'default-scheduler',
          terminationGracePeriodSeconds: 30,
          securityContext: {},
        },
        {
          imagePullPolicy: 'IfNotPresent',
          terminationMessagePath: '/dev/termination-log',
          terminationMessagePolicy: 'File',
          resources: {},
        },
        { protocol: 'TCP' },
      ),
    };
  });
