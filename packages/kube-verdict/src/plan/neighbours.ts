import { type Member, type PairingRules, sidesOf } from './pairs';
import { groupOf, workloadOf } from './workload';
import type { Thing } from './world';

/** What stands beside a set, such as the other folders of an environment: found by name alone. */
export interface Neighbours {
  get(id: string): Thing | undefined;
  /** The objects of a kind, its group first. */
  of(group: string, kind: string): readonly Thing[];
}

/**
 * For each of several sets the objects of the others. What more than one of these has is not among
 * them: they may be meant for different clusters.
 */
export function neighboursOf(
  sets: readonly (readonly Member[])[],
  rules: PairingRules,
): Neighbours[] {
  const byId = new Map<string, { readonly set: number; readonly thing: Thing }[]>();
  const ofKind = new Map<string, Set<string>>();
  sets.forEach((members, set) => {
    for (const [id, { identity, object }] of sidesOf(members, rules)) {
      const thing = { id, identity, object, workload: workloadOf(object) };
      const kind = `${groupOf(identity.apiVersion)}/${identity.kind}`;
      byId.set(id, [...(byId.get(id) ?? []), { set, thing }]);
      ofKind.set(kind, (ofKind.get(kind) ?? new Set()).add(id));
    }
  });
  return sets.map((_members, own): Neighbours => {
    const get = (id: string): Thing | undefined => {
      const others = byId.get(id)?.filter(({ set }) => set !== own) ?? [];
      return others.length === 1 ? others[0]?.thing : undefined;
    };
    return {
      get,
      of: (group, kind) =>
        [...(ofKind.get(`${group}/${kind}`) ?? [])].flatMap((id) => get(id) ?? []),
    };
  });
}
