import { nodesToItself, processesInSight } from '../../e2e/system/nodes';
import { clusterThat } from './cluster';

const pod = (namespace: string, name: string, owner?: string) => ({
  metadata: {
    namespace,
    name,
    ...(owner !== undefined && { ownerReferences: [{ kind: owner }] }),
  },
});
const pods = (...items: object[]) =>
  clusterThat({ 'get pods --all-namespaces': { stdout: JSON.stringify({ items }) } });

describe('nodes are cordoned and drained', () => {
  it('where nobody else has Pods that a drain would evict', async () => {
    const cluster = pods(
      pod('kube-system', 'coredns', 'ReplicaSet'),
      pod('logging', 'collector', 'DaemonSet'),
    );
    expect(await nodesToItself(cluster)).toBeUndefined();
  });

  it.each([
    [[pod('shop', 'web', 'ReplicaSet')], 'shop/web'],
    [[pod('default', 'alone'), pod('shop', 'web', 'ReplicaSet')], 'default/alone and 1 more'],
  ])('and otherwise it is said whose are there', async (items, named) => {
    expect(await nodesToItself(pods(...items))).toBe(
      `needs nodes to itself, as it cordons and drains them, and Pods of others are there: ${named}`,
    );
  });

  it('not where Pods may not be seen', async () => {
    const refusal = { code: 1, stderr: 'Forbidden\n' };
    const cluster = clusterThat({ 'get pods --all-namespaces': refusal });
    expect(await nodesToItself(cluster)).toBe(
      'needs nodes to itself, as it cordons and drains them, and whose Pods are there cannot be seen: Forbidden',
    );
  });
});

it('processes are killed where nodes are of this machine', async () => {
  expect(await processesInSight(clusterThat({}))).toBe(
    'needs nodes whose processes this machine sees: a cluster built from source',
  );
});
