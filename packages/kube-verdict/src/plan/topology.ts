import { backendsOf, routesOf } from './backends';
import type { Context } from './checks/context';
import type { Links } from './links';
import type { ObjectPlan, Topology, TopologyEdge, TopologyNode } from './plan-types';
import { idOf } from './object-id';
import { type Peers, policyPeers } from './policy-peers';
import { referencesOf } from './references';
import { scaleTarget, type World } from './world';

/** So far from what changes things are shown: an Ingress is two away from the workload behind its Service. */
const DISTANCE = 2;
/** Of what selects more workloads than so many, only the edges to what changes are shown. */
const SELECTED = 50;

/** The surroundings of what changes. */
export async function topologyOf(
  context: Context,
  objects: readonly ObjectPlan[],
): Promise<Topology> {
  const changed = objects.filter(({ action }) => action !== 'none').map(({ id }) => id);
  const [peersBefore, peersAfter] = await Promise.all([
    policyPeers(context.ask, context.before),
    policyPeers(context.ask, context.after),
  ]);
  const before = edgesOf(context.before, context.linksBefore, peersBefore, new Set(changed));
  const after = edgesOf(context.after, context.linksAfter, peersAfter, new Set(changed));
  const edges = [...new Map([...before, ...after])].map(([key, edge]): TopologyEdge => {
    const state = before.has(key) ? (after.has(key) ? 'kept' : 'removed') : 'added';
    return { ...edge, state };
  });
  const actions = new Map(objects.map(({ id, action }) => [id, action]));
  const near = around(changed, edges);
  const identities = new Map(context.pairs.map(({ id, new: now }) => [id, now?.identity]));
  const nodes = [...near].flatMap((id): TopologyNode[] => {
    const thing = context.after.get(id) ?? context.before.get(id);
    const identity = thing?.identity ?? identities.get(id);
    if (identity === undefined) return [];
    const { kind, namespace, name } = identity;
    return [{ id, kind, namespace, name, action: actions.get(id) ?? 'none' }];
  });
  const shown = new Set(nodes.map(({ id }) => id));
  return { nodes, edges: edges.filter(({ from, to }) => shown.has(from) && shown.has(to)) };
}

function around(changed: readonly string[], edges: readonly TopologyEdge[]): Set<string> {
  const neighbours = new Map<string, string[]>();
  for (const { from, to } of edges) {
    for (const [one, other] of [
      [from, to],
      [to, from],
    ] as const) {
      const known = neighbours.get(one);
      if (known === undefined) neighbours.set(one, [other]);
      else known.push(other);
    }
  }
  const near = new Set(changed);
  let edge = new Set(changed);
  for (let i = 0; i < DISTANCE; i++) {
    const further = new Set<string>();
    for (const id of edge) {
      for (const other of neighbours.get(id) ?? []) if (!near.has(other)) further.add(other);
    }
    for (const id of further) near.add(id);
    edge = further;
  }
  return near;
}

type Edge = Omit<TopologyEdge, 'state'>;

function edgesOf(
  world: World,
  links: Links,
  peers: ReadonlyMap<string, Peers>,
  changed: ReadonlySet<string>,
): Map<string, Edge> {
  const edges = new Map<string, Edge>();
  const add = (from: string, to: string, relation: TopologyEdge['relation']): void => {
    if (world.has(from) && world.has(to))
      edges.set(`${from} ${relation} ${to}`, { from, to, relation });
  };
  for (const route of routesOf(world, true)) {
    for (const { namespace, service } of backendsOf(route)) {
      add(route.id, idOf('', 'Service', namespace, service), 'routes');
    }
  }
  const selected = [
    [links.services, 'selects'],
    [links.budgets, 'budgets'],
    [links.policies, 'allows'],
  ] as const;
  const shown = (workloads: readonly string[]): readonly string[] =>
    workloads.length > SELECTED
      ? workloads.filter((one) => changed.has(one)).slice(0, SELECTED)
      : workloads;
  for (const [group, relation] of selected) {
    for (const [id, workloads] of group) {
      for (const workload of shown(workloads)) add(id, workload, relation);
    }
  }
  for (const [id, { admits, reaches }] of peers) {
    for (const workload of shown(admits)) add(workload, id, 'admitted-by');
    for (const workload of shown(reaches)) add(id, workload, 'reaches');
  }
  for (const autoscaler of world.of('autoscaling', 'HorizontalPodAutoscaler')) {
    add(autoscaler.id, scaleTarget(autoscaler), 'scales');
  }
  for (const { id, identity, workload } of world.workloads) {
    for (const { kind, name, access } of referencesOf(workload.podSpec)) {
      const relation =
        kind === 'ServiceAccount' ? 'runs-as' : access === 'environment' ? 'reads' : 'mounts';
      add(id, idOf('', kind, identity.namespace, name), relation);
    }
  }
  return edges;
}
