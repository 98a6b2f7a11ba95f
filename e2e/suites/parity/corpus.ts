/** Valid manifests to begin with: of every kind that verdict judges, and the project's own. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Verdict } from 'kube-verdict';
import { parseAllDocuments } from 'yaml';
import { ROOT } from '../../harness/root';
import {
  isRecord,
  places,
  setAt,
  valueAt,
  textOf,
  type Json,
  type JsonObject,
  type Path,
} from './json';

export interface Base {
  /** `apps/v1 Deployment`. */
  readonly type: string;
  /** Unique among the bases: what its object is called. Empty where the manifest has only a generateName. */
  readonly name: string;
  readonly namespaced: boolean;
  readonly manifest: JsonObject;
}

const FILES = [
  'packages/kube-verdict/go/judge/testdata/manifests.yaml',
  'dist/user-service.k8s.yaml',
  'dist/user-service-deployment.k8s.yaml',
].map((name) => join(ROOT, name));
/** No scheduler has this name, so no Pod is ever scheduled. */
const SCHEDULER = 'no-such-scheduler';
const POD_SPECS: readonly Path[] = [
  ['template', 'spec'],
  ['spec', 'template', 'spec'],
  ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
];
/** The account that Pods run as: made for them, under a name that no mutation gives to another. */
export const ACCOUNT = 'account-of-parity';
/** An address of the node's range for Services (the manifests' own is of another). */
const CLUSTER_ADDRESS = '10.96.77.77';

/** Keys under which only the cluster knows what may stand: whether the object named is there, or the address free. */
export const CLUSTER_KNOWLEDGE: ReadonlySet<string> = new Set([
  'serviceAccountName',
  'priorityClassName',
  'runtimeClassName',
  'clusterIP',
]);

/** Kinds whose names say what they hold. */
const NAMES: Readonly<
  Record<string, (own: string, index: number, manifest: JsonObject) => string>
> = {
  'networking.k8s.io/v1 IPAddress': (_own, index) => `192.0.2.${index}`,
  'apiregistration.k8s.io/v1 APIService': (own, _index, manifest) =>
    `${textOf(valueAt(manifest, ['spec', 'version']))}.${groupOf(own)}`,
};

function groupOf(own: string): string {
  return `${own}.example.com`;
}

/** What a name or a namespace has to agree with. */
function placed(manifest: JsonObject, type: string, own: string, namespace: string): JsonObject {
  switch (type) {
    case 'v1 Event':
      return setAt(manifest, ['involvedObject', 'namespace'], namespace);
    case 'apiregistration.k8s.io/v1 APIService':
      return setAt(manifest, ['spec', 'group'], groupOf(own));
    default:
      return manifest;
  }
}

export function corpus(verdict: Verdict, namespace: string, address = CLUSTER_ADDRESS): Base[] {
  const namespaced = new Map(
    verdict.kinds.map((kind) => [`${kind.apiVersion} ${kind.kind}`, kind.namespaced]),
  );
  return FILES.flatMap((file) => parseAllDocuments(readFileSync(file, 'utf8'), { version: '1.1' }))
    .map((document) => document.toJS() as JsonObject)
    .map((manifest, index) => {
      const type = `${textOf(manifest.apiVersion)} ${textOf(manifest.kind)}`;
      const inNamespace = namespaced.get(type) ?? false;
      const metadata = { ...(manifest.metadata as JsonObject) };
      // As it would be found in the way of another: a quota, an account.
      const own = `${namespace}-${index}`;
      const name =
        typeof metadata.name === 'string' ? (NAMES[type]?.(own, index, manifest) ?? own) : '';
      if (name !== '') metadata.name = name;
      delete metadata.namespace;
      if (inNamespace) metadata.namespace = namespace;
      const base = placed({ ...manifest, metadata }, type, own, namespace);
      return {
        type,
        name,
        namespaced: inNamespace,
        manifest: withoutRepeatedVariables(unscheduled(base, address)),
      };
    });
}

function unscheduled(manifest: JsonObject, address: string): JsonObject {
  const specs = manifest.kind === 'Pod' ? [['spec']] : POD_SPECS;
  return specs
    .filter((path) => isRecord(valueAt(manifest, [...path, 'containers', 0])))
    .map((path): [Path, Json] => [[...path, 'schedulerName'], SCHEDULER])
    .concat(
      typeof valueAt(manifest, ['spec', 'clusterIP']) === 'string' &&
        valueAt(manifest, ['spec', 'clusterIP']) !== 'None'
        ? [[['spec', 'clusterIP'], address]]
        : [],
    )
    .concat(
      valueAt(manifest, ['spec', 'serviceAccountName']) === undefined
        ? []
        : [[['spec', 'serviceAccountName'], ACCOUNT]],
    )
    .reduce((changed, [path, value]) => setAt(changed, path, value), manifest);
}

/** Of a variable given twice, server-side apply wants nothing to do; a create takes it with a warning. */
function withoutRepeatedVariables(manifest: JsonObject): JsonObject {
  return places(manifest).reduce((changed, { path, value }) => {
    if (path.at(-1) !== 'env' || !Array.isArray(value)) return changed;
    const names = value.map((one) => (isRecord(one) ? one.name : undefined));
    const first = value.filter((_, index) => names.indexOf(names[index]) === index);
    return setAt(changed, path, first);
  }, manifest);
}

/** By type, in the order of verdict's kinds. @throws Error naming the kinds of which there is no manifest. */
export function byType(bases: readonly Base[], verdict: Verdict): Map<string, Base[]> {
  const types = verdict.kinds.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`);
  const grouped = new Map(types.map((type) => [type, bases.filter((base) => base.type === type)]));
  const missing = types.filter((type) => grouped.get(type)?.length === 0);
  if (missing.length > 0) throw new Error(`no manifest of ${missing.join(', ')} to begin with`);
  return grouped;
}
