import type { PairingRules } from '../pairing/pair';
import { type Member, sidesOf } from './side';
import { groupOf, workloadOf } from './workload';
import type { Neighbours, Thing } from './world';

/** A set before a change and after it. */
interface Change {
  readonly before: readonly Member[];
  readonly after: readonly Member[];
}

/** What is beside a set, before the change and after it. */
export interface Beside {
  readonly before: Neighbours;
  readonly after: Neighbours;
}

/**
 * For each of several sets the objects of the others. What more than one set has, this one or
 * another, is not among them: the sets may be meant for different clusters.
 */
export function neighboursOf(changes: readonly Change[], rules: PairingRules): Beside[] {
  const owners = new Map<string, Set<number>>();
  const index = (side: keyof Change): Index => {
    const found: Index = { things: new Map(), kinds: new Map() };
    changes.forEach((change, set) => {
      for (const [id, { identity, object }] of sidesOf(change[side], rules)) {
        owners.set(id, (owners.get(id) ?? new Set()).add(set));
        found.things.set(id, { id, identity, object, workload: workloadOf(object) });
        const kind = `${groupOf(identity.apiVersion)}/${identity.kind}`;
        found.kinds.set(kind, (found.kinds.get(kind) ?? new Set()).add(id));
      }
    });
    return found;
  };
  const [before, after] = [index('before'), index('after')];
  const of = ({ things, kinds }: Index, own: number): Neighbours => {
    const get = (id: string): Thing | undefined => {
      const sets = owners.get(id);
      return sets?.size === 1 && !sets.has(own) ? things.get(id) : undefined;
    };
    return {
      get,
      of: (group, kind) =>
        [...(kinds.get(`${group}/${kind}`) ?? [])].flatMap((id) => get(id) ?? []),
    };
  };
  return changes.map((_change, own) => ({ before: of(before, own), after: of(after, own) }));
}

interface Index {
  readonly things: Map<string, Thing>;
  readonly kinds: Map<string, Set<string>>;
}
