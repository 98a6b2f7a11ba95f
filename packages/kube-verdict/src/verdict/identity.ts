import type { Kind, Manifest } from './judgement';

/** What a cluster knows an object by. */
export interface Identity {
  readonly apiVersion: string;
  readonly kind: string;
  /** Null for an object of no namespace: a cluster-scoped kind, or an unknown one that names none. */
  readonly namespace: string | null;
  readonly name: string;
}

/**
 * @param kinds those that are judged; a namespaced one without a namespace is in `default`
 */
export function identityOf(manifest: Manifest, kinds: readonly Kind[]): Identity {
  const { apiVersion, kind } = manifest as Record<string, unknown>;
  const { name, namespace, generateName } = metadataOf(manifest);
  const known = kinds.find((k) => k.apiVersion === apiVersion && k.kind === kind);
  return {
    apiVersion: text(apiVersion),
    kind: text(kind),
    namespace: known?.namespaced === false ? null : text(namespace) || (known ? 'default' : null),
    name: text(name) || text(generateName),
  };
}

/** `Deployment default/web`, as messages name an object. */
export function describeIdentity({ kind, namespace, name }: Identity): string {
  const place = namespace === null ? '' : `${namespace}/`;
  return `${kind} ${place}${name === '' ? '(no name)' : name}`;
}

/** The manifest's metadata; empty where there is none that can be read. */
export function metadataOf(manifest: Manifest): Readonly<Record<string, unknown>> {
  const { metadata } = manifest as Record<string, unknown>;
  return typeof metadata === 'object' && metadata !== null
    ? (metadata as Record<string, unknown>)
    : {};
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
