import { loadVerdict } from 'kube-verdict';
import { parseImageReference } from '../lib';
import { environmentObjects, type KubeObject } from './environment-folders';

/** A change that an apply cannot make, or that cannot be undone once it is made. */
export interface IrreversibleChange {
  /** `production/statefulset/mysql` */
  readonly object: string;
  readonly reasons: readonly string[];
  /** What to do instead, or before. */
  readonly way: string;
}

/**
 * What cannot be applied to, or undone in, the environments that were given the committed `dist`, in Kubernetes' own
 * words where it would refuse it.
 */
export async function irreversibleChanges(
  committed: ReadonlyMap<string, string>,
  staged: ReadonlyMap<string, string>,
): Promise<IrreversibleChange[]> {
  const after = environmentObjects(staged);
  const pairs = [...environmentObjects(committed)].flatMap(([environment, objects]) => {
    const next = new Map(after.get(environment)?.map((object) => [nameOf(object), object]));
    return objects.map((previous) => ({
      environment,
      previous,
      next: next.get(nameOf(previous)),
    }));
  });
  const changed = pairs.filter(
    ({ previous, next }) => next === undefined || JSON.stringify(previous) !== JSON.stringify(next),
  );
  const removed = changed.flatMap(({ environment, previous, next }) =>
    next === undefined && HOLDS_DATA.includes(previous.kind)
      ? [
          {
            object: `${environment}/${nameOf(previous)}`,
            reasons: [
              previous.kind === 'StatefulSet'
                ? 'it is removed, and pruning would take it away; its claims stay, and nothing uses them'
                : 'it is removed, and pruning would take it away with what it holds',
            ],
            way: 'Back up what it holds, and see that nothing uses it.',
          },
        ]
      : [],
  );
  const updates = changed.filter(({ next }) => next !== undefined);
  if (updates.length === 0) return removed;
  const verdict = await loadVerdict();
  try {
    const refused = await Promise.all(
      updates.map(async ({ environment, previous, next }) => {
        if (next === undefined) return [];
        const { accepted, errors } = await verdict.apply(previous, next);
        const reasons = [
          ...(accepted === false ? errors.map(({ field, message }) => `${field}: ${message}`) : []),
          ...seriesChanges(previous, next),
        ];
        const object = `${environment}/${nameOf(next)}`;
        return reasons.length > 0
          ? [{ object, reasons, way: wayOf(environment, previous, next, accepted) }]
          : [];
      }),
    );
    return [...removed, ...refused.flat()];
  } finally {
    await verdict.close();
  }
}

const HOLDS_DATA = ['Namespace', 'PersistentVolumeClaim', 'StatefulSet'];

/** `statefulset/mysql` */
function nameOf({ kind, metadata }: KubeObject): string {
  return `${kind.toLowerCase()}/${metadata.name}`;
}

function wayOf(
  environment: string,
  previous: KubeObject,
  object: KubeObject,
  accepted: boolean | null,
): string {
  const { kind, metadata } = object;
  const kubectl = `kubectl --namespace ${metadata.namespace ?? 'default'}`;
  if (accepted !== false)
    return 'Back up first (docs/restore.md): the way back is a restore, not a rollback.';
  if (kind === 'PersistentVolumeClaim')
    return `A claim gets neither smaller nor another storage class. Back it up elsewhere first, then ${kubectl} delete ${nameOf(object)} (what it holds is lost), then kubectl apply -f dist/${environment}.`;
  if (kind !== 'StatefulSet')
    return `Before the apply: ${kubectl} delete ${nameOf(object)} (its Pods end with it).`;
  if (isSmaller(previous, object))
    return `A claim never gets smaller. Back up, ${kubectl} delete ${nameOf(object)}, delete its claims (what they hold is lost), kubectl apply -f dist/${environment}, and restore (docs/restore.md).`;
  return `Edit the claims (${kubectl} edit persistentvolumeclaims --selector app.kubernetes.io/name=${metadata.name}; a storage class cannot change: back up and restore), then ${kubectl} delete ${nameOf(object)} --cascade=orphan, then kubectl apply -f dist/${environment}.`;
}

/** Whether a claim of the template asks for less than it did. */
function isSmaller(previous: KubeObject, next: KubeObject): boolean {
  const storage = (object: KubeObject) =>
    new Map(
      ((object.spec as unknown as StatefulSpec).volumeClaimTemplates ?? []).map(
        ({ metadata, spec }) => [metadata.name, spec.resources.requests.storage],
      ),
    );
  const before = storage(previous);
  return [...storage(next)].some(
    ([name, size]) => bytesOf(size) < bytesOf(before.get(name) ?? size),
  );
}

/** Of an amount as `Size` writes it: `20Gi`. */
function bytesOf(size: string): number {
  const power = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi'].indexOf(size.replace(/^[\d.]+/, ''));
  return parseFloat(size) * 1024 ** power;
}

interface StatefulSpec {
  readonly volumeClaimTemplates?: readonly {
    readonly metadata: { readonly name: string };
    readonly spec: { readonly resources: { readonly requests: { readonly storage: string } } };
  }[];
  readonly template: {
    readonly spec: {
      readonly containers: readonly { readonly name: string; readonly image: string }[];
    };
  };
}

/** A server of a newer series rewrites its files so that the older one cannot read them. */
function seriesChanges(previous: KubeObject, next: KubeObject): string[] {
  if (previous.kind !== 'StatefulSet') return [];
  const images = (object: KubeObject) =>
    new Map(
      (object.spec as unknown as StatefulSpec).template.spec.containers.map(({ name, image }) => [
        name,
        image,
      ]),
    );
  const before = images(previous);
  return [...images(next)].flatMap(([name, image]) => {
    const old = before.get(name);
    return old === undefined || seriesOf(old) === seriesOf(image)
      ? []
      : [
          `container ${name}: from ${old} to ${image}, another series of the server, cannot be undone on the same data`,
        ];
  });
}

/** `mysql 8.4` of `mysql:8.4.7@sha256:…`: up to the second number of the tag. A digest alone says no series. */
function seriesOf(image: string): string {
  const { path = image, digest = '', tag = digest } = parseImageReference(image) ?? {};
  return `${path.split('/').pop() ?? path} ${/^\d+(\.\d+)?/.exec(tag)?.[0] ?? tag}`;
}
