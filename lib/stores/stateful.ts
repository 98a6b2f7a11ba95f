import { ApiObject, type ApiObjectProps, type Chart, JsonPatch, type Size } from 'cdk8s';
import { ServiceAccount } from 'cdk8s-plus-27';
import {
  IntOrString,
  KubePodDisruptionBudget,
  KubeService,
  KubeStatefulSet,
  Quantity,
} from '../../imports/k8s';
import { size } from '../app/rules';
import type { EnvironmentPart } from '../environment/part';
import { type HardenedContainer, podTemplate } from '../pod/pod';
import { SecretReference } from '../secrets/secret';

/** Of no account: the images of MySQL, Redis and restic run as any user. Above 10000, no host has a use for it. */
export const STORE_USER = 10_999;

export interface StatefulStore {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly port: number;
  readonly container: HardenedContainer;
  /** Folder that shows the claim. */
  readonly dataFolder: string;
  readonly storage: Size;
  readonly storageClass?: string;
  readonly gracePeriodSeconds: number;
}

/**
 * One server with its data: a StatefulSet of one Pod with a claim, a headless Service for the Pod's own name and one
 * for clients. The claim stays when the StatefulSet goes.
 */
export function statefulStore(chart: Chart, store: StatefulStore): void {
  const { name, labels, port, container, dataFolder, storage, storageClass } = store;
  new ServiceAccount(chart, 'service-account', {
    metadata: { name, labels },
    automountToken: false,
  });
  for (const [id, service, clusterIP] of [
    ['service', name, undefined],
    ['pods-service', headlessName(name), 'None'],
  ] as const) {
    new KubeService(chart, id, {
      metadata: { name: service, labels },
      spec: {
        clusterIp: clusterIP,
        selector: { ...labels },
        ports: [{ name, port, targetPort: IntOrString.fromNumber(port) }],
      },
    });
  }
  new KubePodDisruptionBudget(chart, 'disruption-budget', {
    metadata: { name, labels },
    // With one Pod there is no availability to keep; a budget that kept it would block every drain.
    spec: { maxUnavailable: IntOrString.fromNumber(1), selector: { matchLabels: { ...labels } } },
  });
  const manifest: unknown = KubeStatefulSet.manifest({
    metadata: { name, labels },
    spec: {
      serviceName: headlessName(name),
      replicas: 1,
      selector: { matchLabels: { ...labels } },
      revisionHistoryLimit: 5,
      template: podTemplate({
        labels,
        serviceAccountName: name,
        user: STORE_USER,
        gracePeriodSeconds: store.gracePeriodSeconds,
        containers: [{ ...container, claims: { [dataFolder]: 'data' } }],
        claimTemplates: ['data'],
      }),
      volumeClaimTemplates: [
        {
          metadata: { name: 'data', labels },
          spec: {
            accessModes: ['ReadWriteOnce'],
            storageClassName: storageClass,
            resources: { requests: { storage: Quantity.fromString(storage.asString()) } },
          },
        },
      ],
    },
  });
  // Not a KubeStatefulSet, which writes no other fields of a template than its own.
  const statefulSet = new ApiObject(chart, 'stateful-set', manifest as ApiObjectProps);
  // What Kubernetes would fill in, written out: the list is compared as a whole, so that else an apply on the server
  // meets a conflict with an earlier one from the client, and each one from the client seems to change something.
  for (const [field, value] of [
    ['apiVersion', 'v1'],
    ['kind', 'PersistentVolumeClaim'],
    ['spec/volumeMode', 'Filesystem'],
    ['status', { phase: 'Pending' }],
  ] as const)
    statefulSet.addJsonPatch(JsonPatch.add(`/spec/volumeClaimTemplates/0/${field}`, value));
}

/** The Service that gives each Pod a name of its own. */
export function headlessName(store: string): string {
  return `${store}-pods`;
}

/** What a claim can be: below, it holds hardly anything. */
export const validateStorage = size(64, 'use Size.gibibytes(1) or more');

/** The Secret of a store's certificate, which is for the names that clients in the cluster and in the Pod itself have. */
export function storeCertificate({ environment, node, creator }: EnvironmentPart): SecretReference {
  const { id: name } = node;
  const inNamespace = `${name}.${environment.namespace}`;
  const hosts = [
    ...[name, inNamespace, `${inNamespace}.svc`, `${inNamespace}.svc.cluster.local`],
    ...['localhost', '127.0.0.1'],
  ];
  return new SecretReference(environment, `${name}-tls`, { kind: 'certificate', hosts }, creator);
}
