import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { filesBelow } from './outputs';

/** A manifest that runs containers. */
export interface Workload {
  /** Path of its file from the folder that was read. */
  readonly file: string;
  readonly kind: string;
  readonly name: string;
  /** Image of each container, init containers included. */
  readonly images: ReadonlyMap<string, string>;
}

/** The workloads among the manifests below a folder. */
export function readWorkloads(folder: string): Workload[] {
  return filesBelow(folder)
    .filter((file) => file.endsWith('.yaml'))
    .flatMap((file) =>
      // The dialect that cdk8s writes.
      parseAllDocuments(readFileSync(join(folder, file), 'utf8'), { version: '1.1' }).flatMap(
        (document) => {
          const manifest = document.toJS() as Manifest | null;
          const spec = podSpec(manifest);
          if (manifest === null || spec === undefined) return [];
          const containers = [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
          const images = new Map(containers.map(({ name, image }) => [name, image]));
          return { file, kind: manifest.kind, name: manifest.metadata.name, images };
        },
      ),
    );
}

/** `Deployment/user-service`. */
export function describeWorkload({ kind, name }: Workload): string {
  return `${kind}/${name}`;
}

/** Whether `reference` names a workload as kubectl takes it: `deployment/user-service`, `deploy/…`, `Deployments.apps/…`. */
export function isReferenceTo(reference: string, { kind, name }: Workload): boolean {
  const slash = reference.indexOf('/');
  const [resource = ''] = reference.slice(0, slash).toLowerCase().split('.');
  const singular = kind.toLowerCase();
  return (
    reference.slice(slash + 1) === name &&
    [singular, `${singular}s`, SHORT_NAMES[kind]].includes(resource)
  );
}

/** Those of `kubectl api-resources`. */
const SHORT_NAMES: Readonly<Record<string, string>> = {
  CronJob: 'cj',
  DaemonSet: 'ds',
  Deployment: 'deploy',
  Pod: 'po',
  ReplicaSet: 'rs',
  ReplicationController: 'rc',
  StatefulSet: 'sts',
};

interface PodSpec {
  readonly containers?: readonly { readonly name: string; readonly image: string }[];
  readonly initContainers?: readonly { readonly name: string; readonly image: string }[];
}

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec?: PodSpec & {
    readonly template?: { readonly spec: PodSpec };
    readonly jobTemplate?: { readonly spec: { readonly template: { readonly spec: PodSpec } } };
  };
}

function podSpec(manifest: Manifest | null): PodSpec | undefined {
  const spec = manifest?.spec;
  return (
    spec?.jobTemplate?.spec.template.spec ?? spec?.template?.spec ?? (spec?.containers && spec)
  );
}
