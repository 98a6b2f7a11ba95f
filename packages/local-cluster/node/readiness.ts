/** Waits for what the API server says of nodes, Deployments and aggregated APIs. */
import { ClusterError } from '../cluster-error';
import { poll, type Polled } from '../poll';
import { patch, read } from './api';
import type { Node } from './layout';
import { logTail } from './supervision';

const TIMEOUT = 120_000;
const INTERVAL = 100;

interface Conditions {
  readonly status?: {
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly message?: string;
      readonly lastHeartbeatTime?: string;
    }[];
  };
}

/** Which Deployment is meant. */
export interface DeploymentName {
  readonly namespace: string;
  readonly name: string;
}

/**
 * Ready as Pods see it: the node takes them, and the ServiceAccount that each of them needs is there.
 *
 * @param since milliseconds since the epoch: what was reported before does not count
 */
export async function untilNodeReady(node: Node, since: number): Promise<void> {
  const path = `/api/v1/nodes/${node.name}`;
  await untilTrue(`node ${node.name} to be Ready`, path, 'Ready', since).catch((error: unknown) => {
    if (!(error instanceof ClusterError)) throw error;
    throw new ClusterError(`${error.message}\n${logTail({ name: 'kubelet', node })}`, {
      cause: error,
    });
  });
  // No controller does it, because one would give a node that comes back other addresses than its bridge has.
  const { podRange } = node;
  const found = await read<{ spec: { podCIDR?: string } }>(path);
  if (found?.spec.podCIDR === undefined)
    await patch(path, { spec: { podCIDR: podRange, podCIDRs: [podRange] } });
  const account = '/api/v1/namespaces/default/serviceaccounts/default';
  await until('the default ServiceAccount', async () =>
    (await read(account)) === undefined ? { lastSeen: 'none' } : { found: true },
  );
}

/** Until the API server has reached whoever serves it, deleting a namespace waits for it as well. */
export async function untilServed(api: string): Promise<void> {
  await untilTrue(
    `the API ${api}`,
    `/apis/apiregistration.k8s.io/v1/apiservices/${api}`,
    'Available',
  );
}

export async function untilDeployed(deployment: DeploymentName): Promise<void> {
  const what = `the Deployment ${deployment.namespace}/${deployment.name} to be ready`;
  await until(what, async () => {
    const { ready, detail } = await deploymentStatus(deployment);
    return ready ? { found: true } : { lastSeen: detail };
  });
}

/** Whether all Pods of a Deployment are of its latest template and ready. */
export async function deploymentStatus({
  namespace,
  name,
}: DeploymentName): Promise<{ readonly ready: boolean; readonly detail: string }> {
  const deployment = await read<{
    readonly metadata: { readonly generation: number };
    readonly spec: { readonly replicas: number };
    readonly status?: {
      readonly observedGeneration?: number;
      readonly updatedReplicas?: number;
      readonly readyReplicas?: number;
    };
  }>(`/apis/apps/v1/namespaces/${namespace}/deployments/${name}`);
  if (deployment === undefined) return { ready: false, detail: 'no such Deployment' };
  const { metadata, spec, status } = deployment;
  const { observedGeneration, updatedReplicas = 0, readyReplicas = 0 } = status ?? {};
  return {
    ready:
      observedGeneration === metadata.generation &&
      updatedReplicas === spec.replicas &&
      readyReplicas === spec.replicas,
    detail: `${readyReplicas} of ${spec.replicas} Pods ready`,
  };
}

/** An API server that is busy may leave a question unanswered: it is asked again. */
async function until(what: string, ask: () => Promise<Polled<true>>): Promise<void> {
  await poll({ what, timeout: TIMEOUT, interval: INTERVAL }, () =>
    ask().catch((error: unknown) => {
      if (error instanceof ClusterError) return { lastSeen: error.message };
      throw error;
    }),
  );
}

/** Polls until a condition of an object is True. */
async function untilTrue(what: string, path: string, type: string, since = 0): Promise<void> {
  await until(what, async () => {
    const object = await read<Conditions>(path);
    const condition = object?.status?.conditions?.find((each) => each.type === type);
    if (condition === undefined) return { lastSeen: `no condition ${type}` };
    const { status, message = '', lastHeartbeatTime } = condition;
    // A heartbeat is told in whole seconds.
    if (lastHeartbeatTime !== undefined && Date.parse(lastHeartbeatTime) + 1_000 <= since)
      return { lastSeen: `${type}=${status} of ${lastHeartbeatTime}` };
    return status === 'True' ? { found: true } : { lastSeen: `${type}=${status} ${message}` };
  });
}
