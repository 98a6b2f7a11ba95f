import { type Identity, identityOf, namesOf } from '../verdict/identity';
import type { About, Manifest } from '../verdict/judgement';
import { toJson } from '../verdict/to-json';
import { idOf, objectId } from './object-id';
import { type Fields, fieldsOf } from './read';
import { referencesOf } from './references';
import { groupOf, workloadOf } from './workload';

/** An object of a set, and where it stands. */
export interface Member {
  readonly manifest: Manifest;
  /** The same for the same manifest, where that is known. */
  readonly digest?: string;
  /** Where it stands; null for nowhere. The line is only looked for where it is asked for. */
  readonly place: { readonly file: string; readonly line: () => number } | null;
  /** The object as a cluster holds it; the manifest is then what was applied. */
  readonly live?: Manifest;
}

/** An object of one side. */
export interface Side {
  readonly identity: Identity;
  readonly object: Fields;
  readonly live: Fields | undefined;
  readonly digest: string | undefined;
  readonly place: Member['place'];
}

/** An object of both sides, or of one. */
export interface Pair {
  /** Of the new side, where there is one. */
  readonly id: string;
  readonly old: Side | undefined;
  readonly new: Side | undefined;
}

/**
 * Pairs the objects of two sets by group, kind, namespace and name. A ConfigMap or Secret whose
 * name carries a content hash is paired with its successor, where workloads moved from one to the
 * other. Of an object that is given twice the last one counts, as for an apply of the set.
 */
export function pairsOf(
  old: readonly Member[],
  now: readonly Member[],
  rules: PairingRules,
): Pair[] {
  const sides = [old, now].map((set) => sidesOf(set, rules));
  const [before = new Map<string, Side>(), after = new Map<string, Side>()] = sides;
  const successors = successorsOf(before, after);
  const pairs: Pair[] = [];
  const succeeded = new Set<string>();
  for (const [id, side] of after) {
    const predecessor = successors.get(id);
    if (predecessor !== undefined) succeeded.add(predecessor);
    pairs.push({ id, old: before.get(predecessor ?? id), new: side });
  }
  for (const [id, side] of before) {
    if (!after.has(id) && !succeeded.has(id)) pairs.push({ id, old: side, new: undefined });
  }
  return pairs;
}

/** What of a cluster decides which objects are one. */
export type PairingRules = Pick<About, 'kinds' | 'otherKinds' | 'moved'>;

/** The objects of a set by their ids. */
export function sidesOf(
  set: readonly Member[],
  { moved, ...kinds }: PairingRules,
): Map<string, Side> {
  const sides = new Map<string, Side>();
  for (const { manifest, digest, place, live } of set) {
    const identity = identityOf(namesOf(manifest), kinds);
    const group = groupOf(identity.apiVersion);
    const to = moved.find((one) => one.group === group && one.kind === identity.kind)?.to ?? group;
    sides.set(idOf(to, identity.kind, identity.namespace, identity.name), {
      identity,
      object: fieldsOf(manifest),
      live: live === undefined ? undefined : fieldsOf(live),
      digest,
      place,
    });
  }
  return sides;
}

/** By id of the successor, the id of what it succeeds. */
function successorsOf(
  before: ReadonlyMap<string, Side>,
  after: ReadonlyMap<string, Side>,
): Map<string, string> {
  const successors = new Map<string, string>();
  const taken = new Set<string>();
  for (const [id, side] of after) {
    const previous = before.get(id);
    if (previous === undefined) continue;
    for (const [from, to] of moves(previous, side)) {
      const [gone, come] = [before.get(from), after.get(to)];
      if (gone === undefined || come === undefined || after.has(from) || before.has(to)) continue;
      const stems = [gone, come].map(({ identity }) => stemOf(identity.name));
      if (stems[0] === undefined || stems[0] !== stems[1]) continue;
      if (successors.has(to) || taken.has(from)) continue;
      successors.set(to, from);
      taken.add(from);
    }
  }
  return successors;
}

/** The ids between which the mentions of a workload moved. */
function* moves(old: Side, now: Side): Generator<[from: string, to: string]> {
  const [before, after] = [workloadOf(old.object), workloadOf(now.object)];
  if (before === undefined || after === undefined || old.object === now.object) return;
  const slots = new Map(referencesOf(before.podSpec).map((r) => [`${r.kind} ${r.slot}`, r.name]));
  const { namespace } = now.identity;
  for (const { kind, slot, name } of referencesOf(after.podSpec)) {
    const was = slots.get(`${kind} ${slot}`);
    if (was === undefined || was === name || (kind !== 'ConfigMap' && kind !== 'Secret')) continue;
    const id = (of: string): string => objectId({ apiVersion: 'v1', kind, namespace, name: of });
    yield [id(was), id(name)];
  }
}

/** A name without its content hash; undefined where it seems to have none. */
function stemOf(name: string): string | undefined {
  const match = /^(.+)-([a-z0-9]{5,64})$/.exec(name);
  const [, stem, hash = ''] = match ?? [];
  // Words have vowels and no digits; the hashes of Kubernetes and Kustomize have no vowels.
  return /\d/.test(hash) || !/[aeiou]/.test(hash) ? stem : undefined;
}

/** Whether the two sides were written by the same text, or as good as. */
export function isSameText(pair: Pair): boolean {
  return (
    pair.old !== undefined &&
    pair.new !== undefined &&
    pair.old.live === undefined &&
    pair.new.live === undefined &&
    (pair.old.object === pair.new.object ||
      (pair.old.digest !== undefined && pair.old.digest === pair.new.digest) ||
      toJson(pair.old.object) === toJson(pair.new.object))
  );
}
