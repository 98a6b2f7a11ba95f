/** Nodes that leave the cluster, vanish from it, and come back. */
import { ClusterError } from '../cluster-error';
import { isRunning } from '../process-identity';
import type { Steps } from '../steps';
import { read, remove } from './api';
import { nodeComponents } from './components/cluster-components';
import { removeNode, vanish } from './down';
import type { Journal } from './journal';
import { runKubectl } from './kubectl';
import { FIRST_NODE, type Node, type NodeCount, NODES } from './layout';
import type { ProgramImage } from './program-images';
import { titleOf } from './supervision';
import { joinNode } from './up';

/** Milliseconds that Pods have to leave a node. */
const DRAIN_TIMEOUT = 120_000;

interface VolumeList {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly spec: {
      readonly claimRef?: { readonly namespace: string; readonly name: string };
      readonly nodeAffinity?: object;
    };
  }[];
}

/**
 * Takes nodes out of the cluster: their Pods are evicted first.
 *
 * @throws {ClusterError} where volumes of claims live on one of them: they would be lost with it.
 */
export async function leaveCluster(
  nodes: readonly Node[],
  left: NodeCount,
  journal: Journal,
  steps: Steps,
): Promise<void> {
  for (const node of nodes) {
    await ensureNoVolumes(node);
    const kubelet = journal.process(titleOf(nodeComponents(node).kubelet));
    if (kubelet !== undefined && isRunning(kubelet))
      await steps.step(`drain ${node.name}`, () => drain(node));
    await steps.step(`remove ${node.name}`, async () => {
      await removeNode(node, journal);
      await remove(`/api/v1/nodes/${node.name}`);
    });
  }
  journal.recordNodes(left);
}

export async function vanishNode(name: string, steps: Steps): Promise<void> {
  const node = vanishingNode(name);
  await steps.step(`${name} vanishes`, () => vanish(node));
}

/** The node of that name. @throws {ClusterError} unless it is one that may vanish. */
export function vanishingNode(name: string): Node {
  const node = nodeNamed(name);
  if (node === FIRST_NODE)
    throw new ClusterError(
      `${name} runs the control plane and cannot vanish; the other can: ${NODES.slice(1)
        .map((other) => other.name)
        .join(', ')}`,
    );
  return node;
}

export async function returnNode(
  name: string,
  images: readonly ProgramImage[],
  journal: Journal,
  steps: Steps,
): Promise<void> {
  const node = nodeNamed(name);
  if (node !== FIRST_NODE) await joinNode(node, images, journal, steps);
}

function nodeNamed(name: string): Node {
  const node = NODES.find((each) => each.name === name);
  if (node === undefined)
    throw new ClusterError(
      `no node "${name}" is built from source; there are ${NODES.map((each) => each.name).join(', ')}`,
    );
  return node;
}

async function ensureNoVolumes({ name }: Node): Promise<void> {
  const volumes = await read<VolumeList>('/api/v1/persistentvolumes');
  const claims = (volumes?.items ?? [])
    .filter(({ spec }) => JSON.stringify(spec.nodeAffinity ?? {}).includes(`"${name}"`))
    .map(({ metadata, spec: { claimRef } }) =>
      claimRef === undefined ? metadata.name : `${claimRef.namespace}/${claimRef.name}`,
    );
  if (claims.length > 0) {
    throw new ClusterError(
      `${name} cannot be removed: the volumes of ${claims.join(', ')} live there and would be lost; ` +
        'delete those claims first, or remove the whole cluster: npm run cluster -- down',
    );
  }
}

async function drain({ name }: Node): Promise<void> {
  const flags = ['--ignore-daemonsets', '--delete-emptydir-data', '--force'];
  await runKubectl(['drain', name, ...flags, `--timeout=${DRAIN_TIMEOUT / 1000}s`], {
    timeout: DRAIN_TIMEOUT + 10_000,
  });
}
