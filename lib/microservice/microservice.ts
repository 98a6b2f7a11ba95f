import type { Duration } from 'cdk8s';
import { ApiObject, type ApiObjectProps, type Chart, JsonPatch, Size } from 'cdk8s';
import { Cpu, ServiceAccount } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import {
  IntOrString,
  KubeDeployment,
  KubeHorizontalPodAutoscalerV2,
  KubeJob,
  KubePodDisruptionBudget,
  KubeService,
  type NetworkPolicyPeer,
  type Probe,
  type TopologySpreadConstraint,
} from '../../imports/k8s';
import type { Environment } from '../environment/environment';
import type { FieldError } from '../app/validation';
import { EnvironmentPart } from '../environment/part';
import type { Endpoint, SecretFile } from '../network/endpoint';
import { namespace, Paths, pods } from '../network/policy';
import { contentHash, hashedConfigMap } from '../pod/config-map';
import { type HardenedContainer, podTemplate } from '../pod/pod';
import type { Resources } from '../pod/resources';
import { DEFAULTS, secretVariables, variablesOf } from './configuration';
import type { MicroserviceProps, Migration, Probes } from './props';
import { redirectName, route } from './route';
import { validateMicroservice } from './validation';

/** Old revisions that `kubectl rollout undo` can return to; synthesis keeps as many of their ConfigMaps. */
export const REVISIONS = 5;

const SERVICE_PORT = 80;
const DEFAULT_RESOURCES: Resources = {
  cpu: { request: Cpu.millis(100), limit: Cpu.units(1) },
  memory: Size.mebibytes(128),
};

/**
 * A stateless service with all that it takes to update, scale and drain it without a failed request, and to keep
 * everybody else out: Deployment, Service, ServiceAccount without token, PodDisruptionBudget, NetworkPolicy,
 * configuration, and, by its props, autoscaler, route and migration.
 *
 * It is reached as `http://ID` in its namespace, and others use it by their `uses`.
 */
export class Microservice extends EnvironmentPart implements Endpoint {
  readonly of = this;
  readonly variables: Endpoint['variables'];
  readonly files = {};
  readonly peer: NetworkPolicyPeer;
  readonly targetPort: number;
  /** `http://ID` */
  readonly url: string;
  private readonly paths: Paths | undefined;

  constructor(environment: Environment, id: string, props: MicroserviceProps) {
    super(environment, id);
    const labels = { 'app.kubernetes.io/name': id };
    this.url = `http://${id}`;
    this.variables = { HOST: id, PORT: `${SERVICE_PORT}`, URL: this.url };
    this.peer = pods(labels);
    const errors = validateMicroservice(environment, id, props);
    this.targetPort = errors.length > 0 ? SERVICE_PORT : props.port;
    if (!this.accept(errors, () => this.claimNames(id, props))) return;
    if (!isBuiltOnValid(props)) return;

    const chart = this.chart(id);
    this.paths = new Paths(chart, id, labels);
    openPaths(this.paths, environment, props);
    new ServiceAccount(chart, 'service-account', {
      metadata: { name: id, labels },
      automountToken: false,
    });
    service(chart, id, labels, props);
    deployment(chart, id, labels, props);
    scale(chart, id, labels, props);
    if (props.migration !== undefined) migrate(chart, id, props, props.migration);
    if (props.host !== undefined) route(this, chart, id, SERVICE_PORT, props.host, props.route);
    if (metricsOf(props) === 'pod-monitor') podMonitor(this, id, labels, props);
    for (const endpoint of Object.values(props.uses ?? {})) endpoint.allowFrom(labels);
  }

  allowFrom(labels: Readonly<Record<string, string>>): void {
    this.paths?.allowFrom({ peer: pods(labels), port: this.targetPort });
  }

  /** The names of its objects, and the one that clients call it by. */
  private claimNames(id: string, { migration, host, route }: MicroserviceProps): FieldError[] {
    const isRedirected = host !== undefined && route?.kind !== 'ingress';
    const errors = this.claim('id', id, 'name', [
      id,
      ...(migration === undefined ? [] : [migrationName(id)]),
      ...(isRedirected ? [redirectName(id)] : []),
    ]);
    if (errors.length > 0 || host === undefined) return errors;
    return this.claim('host', host, 'host', [host]);
  }
}

/** What is not valid says so itself: nothing is made that would say it again. */
function isBuiltOnValid({ uses, secrets, migration }: MicroserviceProps): boolean {
  return [
    ...Object.values({ ...uses, ...migration?.uses }).map(({ of }) => of),
    ...Object.values(secrets ?? {}).map(({ from }) => from),
  ].every(({ isValid }) => isValid);
}

function openPaths(paths: Paths, environment: Environment, props: MicroserviceProps): void {
  const { port, adminPort, host, uses = {}, openTo = defaultCallers(environment, props) } = props;
  if (host !== undefined || props.openTo !== undefined)
    for (const caller of openTo) paths.allowFrom({ peer: namespace(caller), port });
  if (metricsOf(props) !== 'none')
    paths.allowFrom({
      peer: namespace(environment.monitoringNamespace),
      port: adminPort ?? port,
    });
  for (const { peer, targetPort } of Object.values(uses)) paths.allowTo({ peer, port: targetPort });
}

function defaultCallers(environment: Environment, { route }: MicroserviceProps): string[] {
  return [route?.kind === 'ingress' ? route.namespace : environment.gateway.namespace];
}

function metricsOf({ metrics = 'pod-monitor' }: MicroserviceProps) {
  return metrics;
}

type Labels = Readonly<Record<string, string>>;

function service(chart: Chart, name: string, labels: Labels, { port }: MicroserviceProps): void {
  new KubeService(chart, 'service', {
    metadata: { name, labels },
    spec: {
      type: 'ClusterIP',
      selector: labels,
      ports: [{ name: 'http', port: SERVICE_PORT, targetPort: IntOrString.fromNumber(port) }],
    },
  });
}

function deployment(chart: Chart, name: string, labels: Labels, props: MicroserviceProps): void {
  const { port, adminPort, drainDelay, uses = {}, secrets = {} } = props;
  const data = {
    ...(drainDelay && { DRAIN_DELAY: `${drainDelay.toSeconds()}s` }),
    ...variablesOf(uses),
    ...secretVariables(secrets),
    ...props.env,
  };
  const configuration =
    Object.keys(data).length > 0 ? hashedConfigMap(chart, name, data) : undefined;
  const { autoscaler, replicas = DEFAULTS.replicas } = props;
  const manifest: unknown = KubeDeployment.manifest({
    metadata: { name, labels },
    spec: {
      // Written by the autoscaler where there is one.
      replicas: autoscaler === undefined ? replicas : undefined,
      selector: { matchLabels: labels },
      // New Pods first: as many as there were are up throughout.
      strategy: {
        type: 'RollingUpdate',
        rollingUpdate: {
          maxSurge: IntOrString.fromString('25%'),
          maxUnavailable: IntOrString.fromNumber(0),
        },
      },
      minReadySeconds: seconds(props.minReady, DEFAULTS.minReady),
      progressDeadlineSeconds: seconds(props.progressDeadline, DEFAULTS.progressDeadline),
      revisionHistoryLimit: REVISIONS,
      template: podTemplate({
        labels,
        annotations: scrapeAnnotations(props),
        serviceAccountName: name,
        user: props.user ?? DEFAULTS.user,
        gracePeriodSeconds: gracePeriod(props),
        containers: [
          {
            ...containerOf(name, props),
            args: props.args,
            ports: { http: port, ...(adminPort !== undefined && { admin: adminPort }) },
            envFrom: configuration,
            probes: probes(props.probes, adminPort ?? port),
            secrets: [
              ...secretsOf(uses),
              ...Object.values(secrets).map(({ from, key }) => ({ secret: from.name, key })),
            ],
          },
        ],
        spec: { topologySpreadConstraints: spread(labels) },
      }),
    },
  });
  // Not a KubeDeployment, which writes no field but those of Kubernetes 1.27.
  const deployment = new ApiObject(chart, 'deployment', manifest as ApiObjectProps);
  if (props.preStopSleep !== undefined) {
    deployment.addJsonPatch(
      JsonPatch.add('/spec/template/spec/containers/0/lifecycle', {
        preStop: { sleep: { seconds: props.preStopSleep.toSeconds() } },
      }),
    );
  }
}

function containerOf(name: string, props: MicroserviceProps): HardenedContainer {
  return {
    name,
    image: props.image,
    resources: props.resources ?? DEFAULT_RESOURCES,
    scratch: { '/tmp': Size.mebibytes(16) },
  };
}

function gracePeriod({ gracePeriod, drainDelay, preStopSleep }: MicroserviceProps): number {
  return seconds(
    gracePeriod,
    seconds(drainDelay, 0) + seconds(preStopSleep, 0) + DEFAULTS.gracePeriod,
  );
}

function secretsOf(uses: Readonly<Record<string, Endpoint>>): SecretFile[] {
  return Object.values(uses).flatMap(({ files }) => Object.values(files));
}

function probes({ start, ready, live, port: own }: Probes, port: number) {
  const get = (path: string): Probe => ({
    httpGet: { path, port: IntOrString.fromNumber(own ?? port), scheme: 'HTTP' },
    timeoutSeconds: 2,
  });
  return {
    startupProbe: { ...get(start ?? live), periodSeconds: 2, failureThreshold: 900 },
    readinessProbe: { ...get(ready ?? live), periodSeconds: 5, failureThreshold: 2 },
    livenessProbe: { ...get(live), periodSeconds: 10, failureThreshold: 6 },
  };
}

/**
 * Over nodes strictly, over zones where it can be. Nodes that are cordoned or gone do not count, or their share would
 * wait for them; Pods of another revision do not count, or a rollout would end lopsided.
 */
function spread(labels: Labels): TopologySpreadConstraint[] {
  const constraint = (
    topologyKey: string,
    whenUnsatisfiable: string,
  ): TopologySpreadConstraint => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable,
    labelSelector: { matchLabels: labels },
    matchLabelKeys: ['pod-template-hash'],
    nodeAffinityPolicy: 'Honor',
    nodeTaintsPolicy: 'Honor',
  });
  return [
    constraint('kubernetes.io/hostname', 'DoNotSchedule'),
    constraint('topology.kubernetes.io/zone', 'ScheduleAnyway'),
  ];
}

function scale(chart: Chart, name: string, labels: Labels, props: MicroserviceProps): void {
  const { replicas = DEFAULTS.replicas, autoscaler, maxUnavailable = 1 } = props;
  if ((autoscaler?.min ?? replicas) > 1) {
    new KubePodDisruptionBudget(chart, 'disruption-budget', {
      metadata: { name, labels },
      spec: {
        maxUnavailable: IntOrString.fromNumber(maxUnavailable),
        selector: { matchLabels: labels },
        // Pods that are broken anyway do not stand in the way of a drain.
        unhealthyPodEvictionPolicy: 'AlwaysAllow',
      },
    });
  }
  if (autoscaler === undefined) return;
  const { min, max, cpu = 70 } = autoscaler;
  new KubeHorizontalPodAutoscalerV2(chart, 'autoscaler', {
    metadata: { name, labels },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
      minReplicas: min,
      maxReplicas: max,
      metrics: [
        {
          type: 'Resource',
          resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: cpu } },
        },
      ],
    },
  });
}

function migrationName(service: string): string {
  return `${service}-migrate`;
}

/** A Job's template is immutable: another image makes another Job, named by what it runs. */
function migrate(
  chart: Chart,
  service: string,
  props: MicroserviceProps,
  { args, env, uses }: Migration,
): void {
  const name = migrationName(service);
  const labels = { 'app.kubernetes.io/name': name };
  const template = podTemplate({
    labels,
    serviceAccountName: service,
    user: props.user ?? DEFAULTS.user,
    gracePeriodSeconds: 30,
    containers: [
      {
        ...containerOf(service, props),
        args,
        env: { ...variablesOf(uses), ...env },
        secrets: secretsOf(uses),
      },
    ],
    // Until the stores answer and the Secrets are there: the kubelet tries again, at most every five minutes.
    spec: { restartPolicy: 'OnFailure' },
  });
  new KubeJob(chart, 'migration', {
    metadata: { name: `${name}-${contentHash(template)}`, labels },
    spec: { backoffLimit: 1000, completions: 1, parallelism: 1, template },
  });
  const paths = new Paths(new Construct(chart, 'migration-paths'), name, labels);
  for (const endpoint of Object.values(uses)) {
    paths.allowTo({ peer: endpoint.peer, port: endpoint.targetPort });
    endpoint.allowFrom(labels);
  }
}

function scrapeAnnotations(props: MicroserviceProps): Record<string, string> | undefined {
  if (metricsOf(props) !== 'annotations') return undefined;
  return {
    'prometheus.io/scrape': 'true',
    'prometheus.io/port': `${props.adminPort ?? props.port}`,
    'prometheus.io/path': '/metrics',
  };
}

function podMonitor(
  part: EnvironmentPart,
  name: string,
  labels: Labels,
  { adminPort }: MicroserviceProps,
): void {
  new ApiObject(part.chart(name, 'monitoring'), 'pod-monitor', {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PodMonitor',
    metadata: { name, labels },
    spec: {
      selector: { matchLabels: labels },
      podMetricsEndpoints: [{ port: adminPort === undefined ? 'http' : 'admin', path: '/metrics' }],
    },
  });
}

function seconds(duration: Duration | undefined, otherwise: number): number {
  return duration?.toSeconds() ?? otherwise;
}
