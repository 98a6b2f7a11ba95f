import type { Size } from 'cdk8s';
import {
  type Container as KubeContainer,
  type EnvVar,
  type PodSpec,
  type PodTemplateSpec,
  Quantity,
  type Volume,
  type VolumeMount,
} from '../../imports/k8s';
import type { SecretFile } from '../network/endpoint';
import { secretFolder } from '../secrets/secret';
import { type Resources, resourceRequirements } from './resources';

/** A container of a Pod that Pod Security's level `restricted` accepts. */
export interface HardenedContainer {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  /** TCP ports by name. */
  readonly ports?: Readonly<Record<string, number>>;
  readonly env?: Readonly<Record<string, string>>;
  /** ConfigMap whose entries become variables. */
  readonly envFrom?: string;
  readonly resources: Resources;
  readonly probes?: Pick<KubeContainer, 'startupProbe' | 'readinessProbe' | 'livenessProbe'>;
  /** Keys of Secrets that it reads, as files below /etc/secrets. */
  readonly secrets?: readonly SecretFile[];
  /** Folders that it may write to, with the most that they take: all else is read-only. Shared by path in the Pod. */
  readonly scratch?: Readonly<Record<string, Size>>;
  /** ConfigMaps by the folder that shows their files. */
  readonly files?: Readonly<Record<string, string>>;
  /** Claims by the folder that shows them. */
  readonly claims?: Readonly<Record<string, string>>;
}

export interface HardenedPod {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly serviceAccountName: string;
  /** Numeric user and group of all processes, and group of the volumes: never 0. */
  readonly user: number;
  readonly gracePeriodSeconds: number;
  readonly containers: readonly HardenedContainer[];
  readonly initContainers?: readonly HardenedContainer[];
  /** Names of claims that are made from a StatefulSet's templates: they need no volume here. */
  readonly claimTemplates?: readonly string[];
  readonly spec?: Pick<PodSpec, 'restartPolicy' | 'topologySpreadConstraints'>;
}

/**
 * The template of a Pod as `restricted` has it (https://kubernetes.io/docs/concepts/security/pod-security-standards/),
 * and beyond: no token of the API server, a read-only root, no variables about other Services.
 */
export function podTemplate(pod: HardenedPod): PodTemplateSpec {
  const { user, containers, initContainers = [] } = pod;
  const all = [...initContainers, ...containers];
  return {
    metadata: { labels: { ...pod.labels }, annotations: pod.annotations },
    spec: {
      serviceAccountName: pod.serviceAccountName,
      automountServiceAccountToken: false,
      // Variables such as MYSQL_PORT=tcp://… would stand in for configuration that is missing.
      enableServiceLinks: false,
      terminationGracePeriodSeconds: pod.gracePeriodSeconds,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: user,
        runAsGroup: user,
        fsGroup: user,
        fsGroupChangePolicy: 'OnRootMismatch',
        seccompProfile: { type: 'RuntimeDefault' },
      },
      ...pod.spec,
      initContainers: initContainers.length > 0 ? initContainers.map(kubeContainer) : undefined,
      containers: containers.map(kubeContainer),
      volumes: volumes(all, pod.claimTemplates ?? []),
    },
  };
}

function kubeContainer(container: HardenedContainer): KubeContainer {
  const { name, image, command, args, ports, env, envFrom, probes } = container;
  return {
    name,
    image,
    imagePullPolicy: 'IfNotPresent',
    command: command && [...command],
    args: args && [...args],
    ports:
      ports &&
      Object.entries(ports).map(([name, containerPort]) => ({
        name,
        containerPort,
        protocol: 'TCP',
      })),
    env: env && Object.entries(env).map(([name, value]): EnvVar => ({ name, value })),
    envFrom: envFrom === undefined ? undefined : [{ configMapRef: { name: envFrom } }],
    ...probes,
    resources: resourceRequirements(container.resources),
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      privileged: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    volumeMounts: mounts(container),
  };
}

function mounts({ secrets = [], scratch = {}, files = {}, claims = {} }: HardenedContainer) {
  const all: VolumeMount[] = [
    ...Object.entries(claims).map(([mountPath, name]) => ({ name, mountPath })),
    ...Object.entries(files).map(([mountPath, name]) => ({ name, mountPath, readOnly: true })),
    ...[...new Set(secrets.map(({ secret }) => secret))].map((secret) => ({
      name: `secret-${secret}`,
      mountPath: secretFolder(secret),
      readOnly: true,
    })),
    ...Object.keys(scratch).map((mountPath) => ({ name: scratchName(mountPath), mountPath })),
  ];
  return all.length > 0 ? all : undefined;
}

function volumes(
  containers: readonly HardenedContainer[],
  claimTemplates: readonly string[],
): Volume[] | undefined {
  const byName = new Map<string, Volume>();
  for (const { secrets = [], scratch = {}, files = {}, claims = {} } of containers) {
    for (const claimName of Object.values(claims)) {
      if (claimTemplates.includes(claimName)) continue;
      byName.set(claimName, { name: claimName, persistentVolumeClaim: { claimName } });
    }
    for (const name of Object.values(files)) byName.set(name, { name, configMap: { name } });
    for (const secretName of new Set(secrets.map(({ secret }) => secret))) {
      const name = `secret-${secretName}`;
      const keys = secrets.filter(({ secret }) => secret === secretName).map(({ key }) => key);
      const items = [...new Set(keys)].sort().map((key) => ({ key, path: key }));
      // Readable by the Pod's group alone.
      byName.set(name, { name, secret: { secretName, defaultMode: 0o440, items } });
    }
    for (const [path, size] of Object.entries(scratch)) {
      const name = scratchName(path);
      byName.set(name, { name, emptyDir: { sizeLimit: Quantity.fromString(size.asString()) } });
    }
  }
  return byName.size > 0 ? [...byName.values()] : undefined;
}

function scratchName(path: string): string {
  return `scratch${path.replaceAll(/[^a-z0-9]/g, '-')}`;
}
