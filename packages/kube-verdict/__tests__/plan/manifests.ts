/** Manifests of workloads and of what stands around them, for plans. */

type Spec = Readonly<Record<string, unknown>>;

export interface Workload {
  readonly name?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** Of the workload itself. */
  readonly spec?: Spec;
  /** Of the Pod. */
  readonly podSpec?: Spec;
  /** Of its only container. */
  readonly container?: Spec;
}

function workload(apiVersion: string, kind: string, fallback: Spec) {
  return ({ name = 'web', labels = { app: name }, ...given }: Workload = {}) => ({
    apiVersion,
    kind,
    metadata: { name },
    spec: {
      ...fallback,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          containers: [{ name: 'main', image: 'web:1', ...given.container }],
          ...given.podSpec,
        },
      },
      ...given.spec,
    },
  });
}

export const deployment = workload('apps/v1', 'Deployment', { replicas: 3 });
export const statefulSet = workload('apps/v1', 'StatefulSet', { replicas: 3, serviceName: 'web' });
export const daemonSet = workload('apps/v1', 'DaemonSet', {});
export const replicaSet = workload('apps/v1', 'ReplicaSet', { replicas: 3 });

export function pod(name: string, labels: Readonly<Record<string, string>>, spec: Spec = {}) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels },
    spec: { containers: [{ name: 'main', image: 'web:1' }], ...spec },
  };
}

function plain(apiVersion: string, kind: string) {
  return (name: string, fields: Spec = {}) => ({ apiVersion, kind, metadata: { name }, ...fields });
}

function specified(apiVersion: string, kind: string) {
  return (name: string, spec: Spec) => ({ apiVersion, kind, metadata: { name }, spec });
}

export const configMap = plain('v1', 'ConfigMap');
export const secret = plain('v1', 'Secret');
export const serviceAccount = plain('v1', 'ServiceAccount');
export const namespace = plain('v1', 'Namespace');

export function service(selector: Readonly<Record<string, string>> = { app: 'web' }, name = 'web') {
  return specified('v1', 'Service')(name, { selector, ports: [{ port: 80 }] });
}

export function budget(spec: Spec, name = 'web') {
  return specified('policy/v1', 'PodDisruptionBudget')(name, {
    selector: { matchLabels: { app: 'web' } },
    ...spec,
  });
}

export function policy(name: string, of: Readonly<Record<string, string>>, spec: Spec) {
  const podSelector = { matchLabels: of };
  return specified('networking.k8s.io/v1', 'NetworkPolicy')(name, { podSelector, ...spec });
}

export function autoscaler(min: number, max: number, kind = 'Deployment', name = 'web') {
  const scaleTargetRef = { apiVersion: 'apps/v1', kind, name };
  return specified('autoscaling/v2', 'HorizontalPodAutoscaler')(name, {
    scaleTargetRef,
    minReplicas: min,
    maxReplicas: max,
    // Of no request of the Pods, which most tests give none.
    metrics: [
      {
        type: 'Resource',
        resource: { name: 'cpu', target: { type: 'AverageValue', averageValue: '100m' } },
      },
    ],
  });
}

export function claim(name: string) {
  const resources = { requests: { storage: '1Gi' } };
  return specified('v1', 'PersistentVolumeClaim')(name, {
    accessModes: ['ReadWriteOnce'],
    resources,
  });
}

export function ingress(service: string, port: object) {
  const backend = { service: { name: service, port } };
  const paths = [{ path: '/', pathType: 'Prefix', backend }];
  return specified('networking.k8s.io/v1', 'Ingress')('web', {
    rules: [{ host: 'shop.example', http: { paths } }],
  });
}

export function httpRoute(name: string, port: number) {
  const rules = [{ matches: [{ path: { value: '/cart' } }], backendRefs: [{ name, port }] }];
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: 'web', namespace: 'default' },
    spec: { hostnames: ['shop.example'], rules },
  };
}

export function definition(kind: string) {
  const plural = `${kind.toLowerCase()}s`;
  return specified('apiextensions.k8s.io/v1', 'CustomResourceDefinition')(
    `${plural}.shop.example`,
    {
      group: 'shop.example',
      names: { kind, plural },
      scope: 'Namespaced',
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object' } },
        },
      ],
    },
  );
}

/** A custom resource. */
export function custom(apiVersion: string, kind: string, name: string, spec: Spec) {
  return { apiVersion, kind, metadata: { name }, spec };
}

export function widget(name: string, size: number) {
  return custom('shop.example/v1', 'Widget', name, { size });
}

/** The object with other fields of its spec. */
export function withSpec<T extends { readonly spec: object }>(object: T, spec: Spec): T {
  return { ...object, spec: { ...object.spec, ...spec } };
}

/** The object in another namespace. */
export function inNamespace<T extends { readonly metadata: object }>(of: string, object: T): T {
  return { ...object, metadata: { ...object.metadata, namespace: of } };
}
