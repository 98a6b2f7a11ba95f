import { type Fields, fieldsAt, listAt, textsAt, valueAt } from './read';
import { type Ask, select } from './selection';
import type { Thing, World } from './world';

/** The workloads that a NetworkPolicy names as peers of those it is about. */
export interface Peers {
  /** From which it admits traffic. */
  readonly admits: readonly string[];
  /** To which it lets traffic go. */
  readonly reaches: readonly string[];
}

/** A peer of a rule, but for addresses, which are no workload's. */
interface Peer {
  readonly policy: Thing;
  readonly direction: keyof Peers;
  readonly peer: Fields;
}

/**
 * The peers of each NetworkPolicy among the workloads of a set, by the policy's id. A rule that
 * names no peers lets in everybody, and is not among them.
 */
export async function policyPeers(ask: Ask, world: World): Promise<ReadonlyMap<string, Peers>> {
  const peers = world.of('networking.k8s.io', 'NetworkPolicy').flatMap(peersOf);
  const namespaces = [...new Set(world.workloads.map(({ identity }) => identity.namespace))];
  const within = await select(
    ask,
    peers.map(({ peer }) => ({ namespace: null, selector: selectorAt(peer, 'namespaceSelector') })),
    namespaces.map((name) => ({ namespace: null, labels: labelsOf(world, name) })),
  );
  const asked = peers.flatMap((one, i) => {
    const { peer, policy } = one;
    const own = selectorAt(peer, 'namespaceSelector') === null;
    const of = own
      ? [policy.identity.namespace]
      : (within[i] ?? []).map((position) => namespaces[position] ?? null);
    const selector = selectorAt(peer, 'podSelector') ?? {};
    return of.map((namespace) => ({ ...one, namespace, selector }));
  });
  const matched = await select(
    ask,
    asked,
    world.workloads.map(({ identity, workload }) => ({
      namespace: identity.namespace,
      labels: workload.labels,
    })),
  );
  const found = new Map<string, Record<keyof Peers, Set<string>>>();
  asked.forEach(({ policy, direction }, i) => {
    const known = found.get(policy.id) ?? { admits: new Set(), reaches: new Set() };
    found.set(policy.id, known);
    for (const position of matched[i] ?? []) {
      known[direction].add(world.workloads[position]?.id ?? '');
    }
  });
  return new Map(
    [...found].map(([id, { admits, reaches }]) => [
      id,
      { admits: [...admits], reaches: [...reaches] },
    ]),
  );
}

function peersOf(policy: Thing): Peer[] {
  const of = (direction: keyof Peers, rules: string, list: string): Peer[] =>
    listAt(policy.object, 'spec', rules)
      .flatMap((rule) => listAt(rule, list))
      .filter((peer) => valueAt(peer, 'ipBlock') === undefined)
      .map((peer) => ({ policy, direction, peer }));
  return [...of('admits', 'ingress', 'from'), ...of('reaches', 'egress', 'to')];
}

function labelsOf(world: World, namespace: string | null): Record<string, string> {
  const name = namespace ?? '';
  const labels = textsAt(world.find('', 'Namespace', null, name)?.object, 'metadata', 'labels');
  return { ...labels, 'kubernetes.io/metadata.name': name };
}

function selectorAt(peer: Fields, name: string): Fields | null {
  return (valueAt(peer, name) ?? null) === null ? null : fieldsAt(peer, name);
}
