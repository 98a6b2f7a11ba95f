import type { FoundObject, Remark } from '../reading/documents';
import type { About } from '../verdict/judgement';
import { describeIdentity, type Identity, identityOf } from '../verdict/identity';

/** An object of a set, by what a cluster knows it by. */
export interface KnownObject {
  readonly identity: Identity;
  readonly found: FoundObject;
}

/** What is one object to a cluster, before a change and after it. At least one side is there. */
export interface Pair {
  readonly identity: Identity;
  readonly old?: KnownObject;
  readonly new?: KnownObject;
}

/** What of a cluster decides which objects are one. */
export type PairingRules = Pick<About, 'kinds' | 'otherKinds' | 'moved'> & {
  readonly namespace?: string;
};

/**
 * Pairs the objects of two sets by group, kind, namespace and name, whatever the version, and across
 * the groups that a kind has moved between. First the new ones, in their order, then those that
 * have only an old side.
 */
export function pairObjects(
  older: readonly FoundObject[],
  newer: readonly FoundObject[],
  rules: PairingRules,
): { readonly pairs: readonly Pair[]; readonly remarks: readonly Remark[] } {
  const remarks: Remark[] = [];
  const before = byIdentity(older, rules, remarks);
  const after = byIdentity(newer, rules, remarks);
  const pairs: Pair[] = [];
  for (const [key, known] of after) {
    const old = before.get(key);
    pairs.push({ identity: known.identity, ...(old === undefined ? {} : { old }), new: known });
  }
  for (const [key, known] of before) {
    if (!after.has(key)) pairs.push({ identity: known.identity, old: known });
  }
  return { pairs, remarks };
}

/** The objects of a set. Of one that is given twice, the last is what stays applied. */
function byIdentity(
  objects: readonly FoundObject[],
  rules: PairingRules,
  remarks: Remark[],
): Map<string, KnownObject> {
  const known = new Map<string, KnownObject>();
  for (const found of objects) {
    const identity = identityOf(found.object, rules, rules.namespace);
    const key = identityKey(identity, rules);
    const first = known.get(key);
    if (first !== undefined) {
      const remark = repeated(first.found, found, identity);
      if (remark !== undefined) remarks.push(remark);
    }
    known.set(key, { identity, found });
  }
  return known;
}

/** The same text for whatever is one object to a cluster. */
export function identityKey(identity: Identity, about: Pick<About, 'moved'>): string {
  const { kind, namespace, name } = identity;
  return JSON.stringify([storedGroup(identity, about), kind, namespace, name]);
}

/** The API group that a kind is stored in now, whichever it is written in; empty for the core group. */
export function storedGroup(
  { apiVersion, kind }: Pick<Identity, 'apiVersion' | 'kind'>,
  { moved }: Pick<About, 'moved'>,
): string {
  const given = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  return moved.find((one) => one.group === given && one.kind === kind)?.to ?? given;
}

/** A warning of an object that is given again; none where both are the same. */
function repeated(first: FoundObject, again: FoundObject, identity: Identity): Remark | undefined {
  if (first.object.digest === again.object.digest) return undefined;
  const { line } = first.placeOf('');
  return {
    kind: 'warning',
    repeated: true,
    file: again.file,
    position: again.placeOf(''),
    message: `${describeIdentity(identity)} is given again, and differs from ${first.file}:${line}: the last one counts`,
  };
}
