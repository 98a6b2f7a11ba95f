import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseAllDocuments, stringify } from 'yaml';
import { filesBelow } from './outputs';

/** A manifest that runs containers. */
export interface Workload {
  /** Path of its file from the folder that was read. */
  readonly file: string;
  /** Folder of its file from there: `production`. Empty for the lesson, whose files lie in no folder. */
  readonly environment: string;
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
          if (manifest === null || podSpec(manifest) === undefined) return [];
          const containers = containersIn(manifest);
          const images = new Map(containers.map(({ name, image }) => [name, image]));
          const folder = dirname(file);
          return {
            file,
            environment: folder === '.' ? '' : folder,
            kind: manifest.kind,
            name: manifest.metadata.name,
            images,
          };
        },
      ),
    );
}

/** The manifests of a text with each image that `references` has under the name that it has there. */
export function renameImages(text: string, references: ReadonlyMap<string, string>): string {
  return parseAllDocuments(text, { version: '1.1' })
    .map((document) => {
      const manifest = document.toJS() as Manifest | null;
      for (const container of containersIn(manifest)) {
        container.image = references.get(container.image) ?? container.image;
      }
      return stringify(manifest, { version: '1.1' });
    })
    .join('---\n');
}

/** The containers of a manifest, wherever its kind keeps them, init containers first. */
export function containersIn(manifest: Manifest | null): readonly Container[] {
  const { initContainers = [], containers = [] } = podSpec(manifest) ?? {};
  return [...initContainers, ...containers];
}

/** `Deployment/user-service`, `production/StatefulSet/redis`. */
export function describeWorkload({ environment, kind, name }: Workload): string {
  return [environment, kind, name].filter(Boolean).join('/');
}

/**
 * Whether `reference` names a workload as kubectl takes it, with the environment in front:
 * `deployment/user-service`, `Deployments.apps/user-service`, `production/sts/redis`.
 */
export function isReferenceTo(reference: string, { environment, kind, name }: Workload): boolean {
  const parts = reference.split('/');
  const [type = '', referred] = parts.slice(-2);
  const [resource = ''] = type.toLowerCase().split('.');
  const singular = kind.toLowerCase();
  return (
    referred === name &&
    parts.slice(0, -2).join('/') === environment &&
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

interface Container {
  readonly name: string;
  image: string;
}

interface PodSpec {
  readonly containers?: readonly Container[];
  readonly initContainers?: readonly Container[];
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
