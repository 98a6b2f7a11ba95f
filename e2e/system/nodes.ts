/** The nodes that production is put on, and what checks need of them. */
import type { Cluster } from 'local-cluster';
import type { TestContext } from '../harness/test-context';

interface Node {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly taints?: readonly { readonly key: string; readonly effect: string }[] };
}

interface Placed {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly ownerReferences?: readonly { readonly kind: string }[];
  };
}

/** Names of the nodes that Pods go to, that of the stores first. */
export async function nodes(context: TestContext): Promise<readonly string[]> {
  const items = await context.list<Node>('nodes');
  return items
    .filter(({ spec: { taints = [] } }) => !taints.some(isOfItsOwners))
    .map(({ metadata: { name } }) => name)
    .sort();
}

/** Others than those that Kubernetes sets and takes back by itself, as of a node that is cordoned. */
function isOfItsOwners({ key, effect }: { readonly key: string; readonly effect: string }) {
  return effect !== 'PreferNoSchedule' && !key.startsWith('node.kubernetes.io/');
}

/** Whose Pods come back by themselves wherever they are evicted. */
const SYSTEM = ['kube-system', 'kube-public', 'kube-node-lease', 'local-path-storage'];

/**
 * That nodes may be cordoned and drained: nobody else's Pods are on them.
 *
 * @returns whose are there; undefined where none is, or the cluster was built for such as this.
 */
export async function nodesToItself(cluster: Cluster): Promise<string | undefined> {
  if (cluster.fromSource !== undefined) return undefined;
  const { code, stdout, stderr } = await cluster.kubectl(
    ['get', 'pods', '--all-namespaces', '--output=json'],
    { allowFailure: true },
  );
  const needs = 'needs nodes to itself, as it cordons and drains them';
  if (code !== 0) return `${needs}, and whose Pods are there cannot be seen: ${stderr.trim()}`;
  const others = (JSON.parse(stdout) as { items: readonly Placed[] }).items
    .filter(({ metadata: { namespace } }) => !SYSTEM.includes(namespace))
    // A drain leaves them.
    .filter(({ metadata }) => !metadata.ownerReferences?.some(({ kind }) => kind === 'DaemonSet'))
    .map(({ metadata: { namespace, name } }) => `${namespace}/${name}`);
  if (others.length === 0) return undefined;
  const more = others.length > 1 ? ` and ${others.length - 1} more` : '';
  return `${needs}, and Pods of others are there: ${others[0]}${more}`;
}

/** That this machine sees the processes of nodes: those of a cluster from source are its own. */
export function processesInSight({ fromSource }: Cluster): Promise<string | undefined> {
  return Promise.resolve(
    fromSource === undefined
      ? 'needs nodes whose processes this machine sees: a cluster built from source'
      : undefined,
  );
}
