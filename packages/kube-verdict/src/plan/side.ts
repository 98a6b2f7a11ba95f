import { type PairingRules, storedGroup } from '../pairing/pair';
import { type Identity, identityOf, namesOf } from '../verdict/identity';
import type { Manifest } from '../verdict/judgement';
import { idOf } from './object-id';
import { type Fields, fieldsOf } from './read';

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

/** The objects of a set by their ids. */
export function sidesOf(set: readonly Member[], rules: PairingRules): Map<string, Side> {
  const sides = new Map<string, Side>();
  for (const { manifest, digest, place, live } of set) {
    const identity = identityOf(namesOf(manifest), rules, rules.namespace);
    const { kind, namespace, name } = identity;
    sides.set(idOf(storedGroup(identity, rules), kind, namespace, name), {
      identity,
      object: fieldsOf(manifest),
      live: live === undefined ? undefined : fieldsOf(live),
      digest,
      place,
    });
  }
  return sides;
}
