/** Changes of manifests: mistakes as people make them, and edits as they mean them. */
import * as fc from 'fast-check';
import { CLUSTER_KNOWLEDGE, type Base } from './corpus';
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

export interface Mutation {
  readonly path: Path;
  /** Undefined: removed. */
  readonly value: Json | undefined;
}

/** A manifest and what happens to it: fewer mutations are the smaller case. */
export interface Case {
  readonly base: Base;
  readonly mutations: readonly Mutation[];
  /** Whether verdict is told, of an update, what the cluster holds: `apply(previous, next, { live })`. */
  readonly live: boolean;
}

/** Values that rules of fields turn on. */
const ODD: readonly Json[] = [
  ...['', ' ', 'Upper', 'under_score', 'a.b.c', '-dash', 'a'.repeat(64), 'a'.repeat(254), 'é'],
  ...['10.0.0.0/8', '10.0.0.256', 'http', 'TCP', '50%', '150%', '1Gi', '1.5', '-1', '0', '/abs'],
  ...['../up', '*', 'true', 'Always', 'Never', 'Recreate', 'RollingUpdate', 'OnDelete'],
  ...['LoadBalancer', 'ClusterIP', 'Local', 'ReadWriteMany', 'Block', 'Utilization', 'Exists'],
  ...[null, true, false, -1, 0, 1, 2, 80, 1024, 32767, 65535, 65536, 2 ** 33, 1.5],
  ...[[], {}, [''], { a: 'b' }],
];
/** Quantities, and the same in another unit. */
const QUANTITY = /^(\d+)(m|Ki|Mi|Gi|k)?$/;
const LARGER: Readonly<Record<string, readonly [number, string]>> = {
  '': [1000, 'm'],
  Gi: [1024, 'Mi'],
  Mi: [1024, 'Ki'],
  k: [1000, ''],
};
/** Defaults that the API server fills in, by the key of the object in which they stand. */
const DEFAULTS: Readonly<Record<string, JsonObject>> = {
  ports: { protocol: 'TCP' },
  containers: { terminationMessagePath: '/dev/termination-log', terminationMessagePolicy: 'File' },
  template: {},
  httpGet: { scheme: 'HTTP' },
  livenessProbe: { successThreshold: 1 },
  readinessProbe: { timeoutSeconds: 1, periodSeconds: 10 },
};
const SPEC_DEFAULTS: Readonly<Record<string, JsonObject>> = {
  Deployment: { progressDeadlineSeconds: 600, paused: false },
  StatefulSet: { revisionHistoryLimit: 10, minReadySeconds: 0 },
  DaemonSet: { revisionHistoryLimit: 10 },
  Service: { sessionAffinity: 'None', internalTrafficPolicy: 'Cluster' },
  CronJob: { suspend: false },
  Pod: { restartPolicy: 'Always', dnsPolicy: 'ClusterFirst', enableServiceLinks: true },
};

export function applyMutations({ base, mutations }: Case): JsonObject {
  return mutations.reduce(
    (manifest, { path, value }) => setAt(manifest, path, value),
    base.manifest,
  );
}

/** What an author may write over: not what the object is, nor what only the cluster knows. */
function mutable({ path }: { readonly path: Path }, update: boolean): boolean {
  const [first, second] = path;
  if (first === 'apiVersion' || first === 'kind') return false;
  if (first === 'metadata' && (path.length === 1 || second === 'namespace')) return false;
  // An update of another name is no update; kubectl reads the metadata itself.
  if (update && first === 'metadata' && path.length < 3) return false;
  // The Pods would be scheduled.
  return !path.some((key) => key === 'schedulerName' || CLUSTER_KNOWLEDGE.has(String(key)));
}

/** Whether a replacement at this place takes away what keeps Pods from being scheduled, or the cluster's knowledge. */
function holdsPodSpec(value: Json): boolean {
  return places(value).some(({ path }) => path.at(-1) === 'schedulerName');
}

/** Mistakes: odd values, another's value of the same name, removed, repeated and unknown fields. */
export function mistakes(
  base: Base,
  vocabulary: ReadonlyMap<string, readonly Json[]>,
  update = false,
): fc.Arbitrary<Mutation> {
  const open = places(base.manifest).filter((place) => mutable(place, update));
  return fc.constantFrom(...open).chain(({ path, value }) => {
    const key = String(path.findLast((step) => typeof step === 'string'));
    const found = vocabulary.get(key) ?? [];
    const put = (values: fc.Arbitrary<Json>) => values.map((next) => ({ path, value: next }));
    // Real objects of a mutated template are never made, but nothing is to depend on it.
    const kinds: fc.Arbitrary<Mutation>[] = [put(fc.constantFrom(...ODD))];
    if (!holdsPodSpec(value)) kinds.push(fc.constant({ path, value: undefined }));
    if (found.length > 0 && typeof path.at(-1) === 'string') {
      kinds.push(put(fc.constantFrom(...found)), put(fc.constantFrom(...found)));
    }
    if (Array.isArray(value) && value.length > 0) {
      kinds.push(put(fc.constant([...value, ...value.slice(0, 1)])));
    }
    if (isRecord(value)) {
      kinds.push(fc.constant({ path: [...path, 'unknownField'], value: 'x' }));
    }
    return fc.oneof(...kinds);
  });
}

/** Edits as people mean them: most are accepted, some meet an immutable field. */
export function edits(base: Base): fc.Arbitrary<Mutation> {
  const { manifest } = base;
  const all = places(manifest).filter((place) => mutable(place, true));
  const found: Mutation[] = all.flatMap(({ path, value }) => editsAt(path, value));
  for (const key of ['labels', 'annotations']) {
    const held = valueAt(manifest, ['metadata', key]);
    found.push({ path: ['metadata', key], value: { ...(isRecord(held) && held), edited: 'yes' } });
  }
  const spec = isRecord(manifest.spec) ? SPEC_DEFAULTS[textOf(manifest.kind)] : undefined;
  for (const [key, value] of Object.entries(spec ?? {})) {
    if (valueAt(manifest, ['spec', key]) === undefined) found.push({ path: ['spec', key], value });
  }
  return fc.constantFrom(...found);
}

function editsAt(path: Path, value: Json): Mutation[] {
  const key = path.at(-1);
  if (typeof value === 'string') return stringEdits(path, value, key);
  if (typeof value === 'number')
    return [value + 1, Math.max(0, value - 1)].map((next) => ({ path, value: next }));
  if (typeof value === 'boolean') return [{ path, value: !value }];
  if (Array.isArray(value)) {
    const [first] = value;
    return [
      ...(value.length > 1
        ? [
            { path, value: [...value].reverse() },
            { path, value: value.slice(1) },
          ]
        : []),
      ...(isRecord(first) ? defaultsWrittenOut([...path, 0], String(key), first) : []),
    ];
  }
  return isRecord(value) ? defaultsWrittenOut(path, String(key), value) : [];
}

function stringEdits(path: Path, value: string, key: string | number | undefined): Mutation[] {
  if (key === 'image')
    return ['2.0', 'latest'].map((tag) => ({ path, value: `${value.split(':')[0] ?? ''}:${tag}` }));
  const [, digits = '', unit = ''] = QUANTITY.exec(value) ?? [];
  if (digits === '') return [{ path, value: `${value}x` }];
  const [factor, smaller] = LARGER[unit] ?? [1, unit];
  return [
    { path, value: `${Number(digits) * factor}${smaller}` },
    { path, value: `${Number(digits) + 1}${unit}` },
  ];
}

function defaultsWrittenOut(path: Path, key: string, holder: JsonObject): Mutation[] {
  return Object.entries(DEFAULTS[key] ?? {})
    .filter(([name]) => holder[name] === undefined)
    .map(([name, value]) => ({ path: [...path, name], value }));
}

/** What stands under each key anywhere in the manifests. */
export function vocabularyOf(bases: readonly Base[]): Map<string, Json[]> {
  const vocabulary = new Map<string, Json[]>();
  for (const { path, value } of bases.flatMap(({ manifest }) => places(manifest))) {
    const key = path.at(-1);
    if (typeof key !== 'string' || path[0] === 'metadata' || holdsPodSpec(value)) continue;
    vocabulary.set(key, [...(vocabulary.get(key) ?? []), value]);
  }
  return vocabulary;
}
