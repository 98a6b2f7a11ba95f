/** Where the nodes keep things, and the addresses they use. One cluster for one machine. */
import { join } from 'node:path';

const NAME = 'user-service-kubernetes';

/** All that outlives a reboot: the cluster's objects, images, volumes, logs, credentials. */
export const STATE = `/var/lib/${NAME}`;
/** Sockets, mounts and the network namespaces: gone with a reboot. */
export const RUN = `/run/${NAME}`;

export const STATE_FILE = join(STATE, 'state.json');
export const LOCK_FILE = `${RUN}.lock`;
export const PKI = join(STATE, 'pki');
export const ADMIN_KUBECONFIG = join(STATE, 'admin.kubeconfig');

export interface Node {
  readonly name: string;
  /** Its servers listen here and nowhere else. */
  readonly address: string;
  /** Of its Pods. */
  readonly podRange: string;
  /** Below {@link STATE}: the first node keeps there what is the cluster's as well. */
  readonly state: string;
  /** Below {@link RUN}. */
  readonly run: string;
  readonly config: string;
  readonly logs: string;
  readonly volumes: string;
  readonly networkNamespace: string;
  readonly containerdState: string;
  readonly containerdSocket: string;
  /** kubelet makes the groups of its Pods below this one. */
  readonly controlGroup: string;
}

function node(
  own: Pick<Node, 'name' | 'address' | 'podRange' | 'state' | 'run' | 'controlGroup'>,
): Node {
  const { state, run } = own;
  return {
    ...own,
    config: join(state, 'config'),
    logs: join(state, 'logs'),
    volumes: join(state, 'volumes'),
    networkNamespace: join(run, 'network'),
    containerdState: join(run, 'containerd'),
    containerdSocket: join(run, 'containerd.sock'),
  };
}

/** It also runs the control plane. */
export const FIRST_NODE = node({
  name: 'node-from-source',
  address: '172.31.255.1',
  podRange: '10.244.0.0/24',
  state: STATE,
  run: RUN,
  controlGroup: '/',
});

/** Reached by way of the first. */
export const SECOND_NODE = node({
  name: 'node-from-source-2',
  address: '172.31.255.6',
  podRange: '10.244.1.0/24',
  state: join(STATE, 'node-2'),
  run: join(RUN, 'node-2'),
  controlGroup: `/${NAME}-2`,
});

export type NodeCount = 1 | 2;

export const NODES: readonly Node[] = [FIRST_NODE, SECOND_NODE];

/** Links: the machine's with the first node, and the first node's with the second. Each has a network of four addresses. */
export const MACHINE_LINK = 'usk-machine';
export const NODE_LINK = 'usk-node';
export const SECOND_NODE_LINK = 'usk-node-2';
export const LINK_PREFIX_LENGTH = 30;
/** The machine, as Pods reach it. */
export const MACHINE_ADDRESS = '172.31.255.2';
/** The first node, as the second reaches it. */
export const GATEWAY_ADDRESS = '172.31.255.5';
/** Of both links. */
export const NODE_RANGE = '172.31.255.0/29';

export const POD_BRIDGE = 'usk-pods';
export const POD_RANGE = '10.244.0.0/16';
export const SERVICE_RANGE = '10.96.0.0/16';
/** The first address of {@link SERVICE_RANGE}, which the Service `kubernetes` always gets. */
export const API_SERVICE_ADDRESS = '10.96.0.1';
/** The address of cluster DNS, by the convention that kubeadm follows: the tenth of {@link SERVICE_RANGE}. */
export const DNS_SERVICE_ADDRESS = '10.96.0.10';

export const PORTS = {
  etcd: 2379,
  etcdPeer: 2380,
  apiServer: 6443,
  controllerManager: 10257,
  scheduler: 10259,
  kubelet: 10250,
  kubeletHealth: 10248,
  kubeProxyHealth: 10256,
  kubeProxyMetrics: 10249,
  kubeRouterHealth: 20244,
  metricsServer: 4443,
  git: 3000,
} as const;

export const API_SERVER_URL = `https://${FIRST_NODE.address}:${PORTS.apiServer}`;
