import { type Fields, listAt, textAt, valueAt } from './read';

/** How a Pod gets at what it refers to, which decides when it sees a change. */
export type Access =
  /** An environment variable: read when the container starts. */
  | 'environment'
  /** A file of a volume: changes within a minute or so. */
  | 'file'
  /** A file mounted with subPath: never changes while the container runs. */
  | 'subPath'
  /** Credentials for pulling images: read at each pull. */
  | 'image-pull'
  /** The identity of the Pod, or a volume. */
  | 'other';

/** One mention of another object in a Pod spec. */
export interface Reference {
  readonly kind: 'ConfigMap' | 'Secret' | 'PersistentVolumeClaim' | 'ServiceAccount';
  readonly name: string;
  /** The keys that it needs; null for all of them. */
  readonly keys: readonly string[] | null;
  /** Its Pods start without it. */
  readonly optional: boolean;
  readonly access: Access;
  /** The container; empty for what concerns the whole Pod. */
  readonly container: string;
}

/** Everything that a Pod spec refers to by name. */
export function referencesOf(podSpec: Fields): Reference[] {
  const found: Reference[] = [];
  const volumes = new Map<string, Fields>();
  for (const volume of listAt(podSpec, 'volumes')) volumes.set(textAt(volume, 'name'), volume);

  const mounted = new Set<string>();
  for (const list of ['initContainers', 'containers', 'ephemeralContainers']) {
    listAt(podSpec, list).forEach((container) => {
      found.push(...environmentOf(container));
      listAt(container, 'volumeMounts').forEach((mount) => {
        const volume = volumes.get(textAt(mount, 'name'));
        if (volume === undefined) return;
        mounted.add(textAt(mount, 'name'));
        const fixed = textAt(mount, 'subPath') !== '' || textAt(mount, 'subPathExpr') !== '';
        found.push(...volumeSources(volume, fixed ? 'subPath' : 'file', textAt(container, 'name')));
      });
    });
  }
  for (const [name, volume] of volumes) {
    // A volume that nothing mounts has to be there all the same.
    if (!mounted.has(name)) found.push(...volumeSources(volume, 'other', ''));
  }
  for (const secret of listAt(podSpec, 'imagePullSecrets')) {
    const name = textAt(secret, 'name');
    found.push({ ...reference('Secret', name, 'image-pull', ''), optional: true });
  }
  const account = textAt(podSpec, 'serviceAccountName') || textAt(podSpec, 'serviceAccount');
  if (account !== '') found.push(reference('ServiceAccount', account, 'other', ''));
  return found.filter(({ name }) => name !== '');
}

function reference(
  kind: Reference['kind'],
  name: string,
  access: Access,
  container: string,
): Reference {
  return { kind, name, keys: null, optional: false, access, container };
}

const SOURCES = { configMap: 'ConfigMap', secret: 'Secret' } as const;

function environmentOf(container: Fields): Reference[] {
  const found: Reference[] = [];
  const name = textAt(container, 'name');
  listAt(container, 'envFrom').forEach((source) => {
    for (const [field, kind] of Object.entries(SOURCES)) {
      const from = valueAt(source, `${field}Ref`);
      if (from === undefined) continue;
      found.push({
        ...reference(kind, textAt(from, 'name'), 'environment', name),
        optional: valueAt(from, 'optional') === true,
      });
    }
  });
  listAt(container, 'env').forEach((variable) => {
    for (const [field, kind] of Object.entries(SOURCES)) {
      const from = valueAt(variable, 'valueFrom', `${field}KeyRef`);
      if (from === undefined) continue;
      found.push({
        ...reference(kind, textAt(from, 'name'), 'environment', name),
        keys: [textAt(from, 'key')],
        optional: valueAt(from, 'optional') === true,
      });
    }
  });
  return found;
}

/** The objects whose content, or which themselves, a volume holds. */
function volumeSources(volume: Fields, access: Access, container: string): Reference[] {
  const found: Reference[] = [];
  const add = (kind: Reference['kind'], source: unknown, nameField: string): void => {
    const items = listAt(source, 'items');
    found.push({
      ...reference(kind, textAt(source, nameField), access, container),
      keys: items.length === 0 ? null : items.map((item) => textAt(item, 'key')),
      optional: valueAt(source, 'optional') === true,
    });
  };
  const configMap = valueAt(volume, 'configMap');
  if (configMap !== undefined) add('ConfigMap', configMap, 'name');
  const secret = valueAt(volume, 'secret');
  if (secret !== undefined) add('Secret', secret, 'secretName');
  listAt(volume, 'projected', 'sources').forEach((source) => {
    for (const [field, kind] of Object.entries(SOURCES)) {
      const from = valueAt(source, field);
      if (from !== undefined) add(kind, from, 'name');
    }
  });
  const claim = textAt(volume, 'persistentVolumeClaim', 'claimName');
  if (claim !== '') found.push(reference('PersistentVolumeClaim', claim, 'other', container));
  return found;
}
