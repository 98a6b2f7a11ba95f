/** How each part of the cluster is now. */
import type { ComponentStatus } from '../cluster';
import { ClusterError } from '../cluster-error';
import { isRunning } from '../process-identity';
import { read } from './api';
import { addonsOf } from './addons/addons';
import { allComponents } from './components/cluster-components';
import { COREDNS_DEPLOYMENT } from './components/coredns';
import { type Node, type NodeCount, NODES, STATE_FILE } from './layout';
import { deploymentStatus } from './readiness';
import { readState, type RecordedProcess } from './state';
import { type Component, titleOf } from './supervision';

export async function status(nodes: NodeCount): Promise<ComponentStatus[]> {
  const { processes = {}, addons: names = [] } = readState(STATE_FILE) ?? {};
  const addons = addonsOf(names).map(([, addon]) => addon);
  const components = [
    ...allComponents(nodes),
    ...addons.flatMap((addon) => addon.components?.() ?? []),
  ];
  return Promise.all([
    ...components.map((component) => componentStatus(component, processes[titleOf(component)])),
    ...[COREDNS_DEPLOYMENT, ...addons.flatMap(({ deployments = [] }) => deployments)].map(
      (deployment) =>
        told(deployment.name, async () => {
          const { ready, detail } = await deploymentStatus(deployment);
          return { healthy: ready, detail };
        }),
    ),
    ...NODES.slice(0, nodes).map((node) => told(`node ${node.name}`, () => nodeStatus(node))),
  ]);
}

async function componentStatus(
  component: Component,
  recorded: RecordedProcess | undefined,
): Promise<ComponentStatus> {
  const name = titleOf(component);
  if (recorded === undefined) return { name, healthy: false, detail: 'never started' };
  const { pid } = recorded;
  if (!isRunning(recorded)) return { name, healthy: false, detail: `process ${pid} has ended` };
  const lastSeen = await component.ready();
  const told = lastSeen ?? component.does;
  return {
    name,
    healthy: lastSeen === undefined,
    detail: `process ${pid}${told === undefined ? '' : `: ${told}`}`,
  };
}

/** Without an API server that answers, what it would say is not known. */
async function told(
  name: string,
  ask: () => Promise<Omit<ComponentStatus, 'name'>>,
): Promise<ComponentStatus> {
  try {
    return { name, ...(await ask()) };
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error;
    return { name, healthy: false, detail: error.message };
  }
}

async function nodeStatus({ name }: Node): Promise<Omit<ComponentStatus, 'name'>> {
  const node = await read<{
    spec: { unschedulable?: boolean };
    status?: { conditions?: { type: string; status: string }[] };
  }>(`/api/v1/nodes/${name}`);
  const ready = node?.status?.conditions?.find(({ type }) => type === 'Ready')?.status ?? 'none';
  return {
    healthy: ready === 'True',
    detail: `Ready=${ready}${node?.spec.unschedulable === true ? ', cordoned' : ''}`,
  };
}
