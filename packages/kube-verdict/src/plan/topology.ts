import type { Context } from './checks/context';
import type { Links } from './links';
import type { ObjectPlan, Topology, TopologyEdge, TopologyNode } from './plan-types';
import { idOf } from './object-id';
import { referencesOf } from './references';
import { backendsOf, scaleTarget, type World } from './world';

/** So far from what changes things are shown: an Ingress is two away from the workload behind its Service. */
const DISTANCE = 2;

/** The surroundings of what changes. */
export function topologyOf(context: Context, objects: readonly ObjectPlan[]): Topology {
  const before = edgesOf(context.before, context.linksBefore);
  const after = edgesOf(context.after, context.linksAfter);
  const edges = [...new Map([...before, ...after])].map(([key, edge]): TopologyEdge => {
    const state = before.has(key) ? (after.has(key) ? 'kept' : 'removed') : 'added';
    return { ...edge, state };
  });
  const actions = new Map(objects.map(({ id, action }) => [id, action]));
  const near = around(
    objects.filter(({ action }) => action !== 'none').map(({ id }) => id),
    edges,
  );
  const nodes = [...near].flatMap((id): TopologyNode[] => {
    const thing = context.after.get(id) ?? context.before.get(id);
    const pair = context.pairs.find((one) => one.id === id);
    const identity = thing?.identity ?? pair?.new?.identity;
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
  let edge = changed;
  for (let i = 0; i < DISTANCE; i++) {
    edge = edge.flatMap((id) => neighbours.get(id) ?? []).filter((id) => !near.has(id));
    for (const id of edge) near.add(id);
  }
  return near;
}

type Edge = Omit<TopologyEdge, 'state'>;

function edgesOf(world: World, links: Links): Map<string, Edge> {
  const edges = new Map<string, Edge>();
  const add = (from: string, to: string, relation: TopologyEdge['relation']): void => {
    if (world.has(from) && world.has(to))
      edges.set(`${from} ${relation} ${to}`, { from, to, relation });
  };
  for (const ingress of world.of('networking.k8s.io', 'Ingress')) {
    for (const { service } of backendsOf(ingress.object)) {
      add(ingress.id, idOf('', 'Service', ingress.identity.namespace, service), 'routes');
    }
  }
  const selected = [
    [links.services, 'selects'],
    [links.budgets, 'budgets'],
    [links.policies, 'allows'],
  ] as const;
  for (const [group, relation] of selected) {
    for (const [id, workloads] of group)
      for (const workload of workloads) add(id, workload, relation);
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
