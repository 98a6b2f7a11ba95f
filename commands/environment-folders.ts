import { dirname } from 'node:path';
import { parseAllDocuments } from 'yaml';

/** The file by which a folder of `dist` is one of an environment. */
const NAMESPACE_FILE = '00-namespace.k8s.yaml';

/** An object of a manifest, as far as commands look into it. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly immutable?: boolean;
  readonly spec?: Readonly<Record<string, unknown>>;
  /** Of a ConfigMap. */
  readonly data?: Readonly<Record<string, string>>;
}

/** The objects of each environment, by its name, in the order in which kubectl applies them. */
export function environmentObjects(
  files: ReadonlyMap<string, string>,
): ReadonlyMap<string, readonly KubeObject[]> {
  const environments = [...files.keys()]
    .filter((path) => path === `${dirname(path)}/${NAMESPACE_FILE}`)
    .map((path) => dirname(path));
  return new Map(
    environments.map((environment) => [
      environment,
      [...files]
        .filter(([path]) => dirname(path) === environment && path.endsWith('.yaml'))
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .flatMap(([, text]) => parseObjects(text)),
    ]),
  );
}

export function parseObjects(text: string): KubeObject[] {
  // The dialect that cdk8s writes.
  return parseAllDocuments(text, { version: '1.1' })
    .map((document) => document.toJS() as KubeObject | null)
    .filter((object) => object !== null);
}
