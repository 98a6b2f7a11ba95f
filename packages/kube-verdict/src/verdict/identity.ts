import type { About, Kind, Manifest } from './judgement';

/** What a cluster knows an object by. */
export interface Identity {
  readonly apiVersion: string;
  readonly kind: string;
  /** Null for an object of no namespace: a cluster-scoped kind, or an unknown one that names none. */
  readonly namespace: string | null;
  readonly name: string;
}

/** What a manifest says of its identity. */
export interface ObjectNames {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name?: string;
  readonly generateName?: string;
  readonly namespace?: string;
}

/**
 * An object of a namespaced kind without a namespace is in the default one.
 * @param about which kinds there are
 */
export function identityOf(
  { apiVersion, kind, name = '', generateName = '', namespace = '' }: ObjectNames,
  { kinds, otherKinds }: Pick<About, 'kinds' | 'otherKinds'>,
  defaultNamespace = 'default',
): Identity {
  const known = kindOf({ apiVersion, kind }, kinds) ?? kindOf({ apiVersion, kind }, otherKinds);
  const given = namespace === '' ? (known === undefined ? null : defaultNamespace) : namespace;
  return {
    apiVersion,
    kind,
    namespace: known?.namespaced === false ? null : given,
    name: name === '' ? generateName : name,
  };
}

const tables = new WeakMap<readonly Kind[], ReadonlyMap<string, Kind>>();

/** The row of a kind in a table. */
export function kindOf(
  { apiVersion, kind }: { readonly apiVersion: string; readonly kind: string },
  kinds: readonly Kind[],
): Kind | undefined {
  let table = tables.get(kinds);
  if (table === undefined) {
    table = new Map(kinds.map((one) => [`${one.apiVersion} ${one.kind}`, one]));
    tables.set(kinds, table);
  }
  return table.get(`${apiVersion} ${kind}`);
}

/** What a manifest says of its identity; empty where that cannot be read. */
export function namesOf(manifest: Manifest): ObjectNames {
  const { apiVersion, kind, metadata } = manifest as Record<string, unknown>;
  const { name, generateName, namespace } = (
    typeof metadata === 'object' && metadata !== null ? metadata : {}
  ) as Record<string, unknown>;
  return {
    apiVersion: text(apiVersion),
    kind: text(kind),
    name: text(name),
    generateName: text(generateName),
    namespace: text(namespace),
  };
}

/** `Deployment default/web`, as messages name an object. */
export function describeIdentity({ kind, namespace, name }: Identity): string {
  const place = namespace === null ? '' : `${namespace}/`;
  return `${kind === '' ? '(no kind)' : kind} ${place}${name === '' ? '(no name)' : name}`;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
