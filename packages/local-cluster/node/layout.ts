/** Where the node keeps things, and the addresses it uses. One node for one machine. */
import { join } from 'node:path';

const NAME = 'user-service-kubernetes';

/** All that outlives a reboot: the cluster's objects, images, volumes, logs, credentials. */
export const STATE = `/var/lib/${NAME}`;
/** Sockets, mounts and the network namespace: gone with a reboot. */
export const RUN = `/run/${NAME}`;

export const STATE_FILE = join(STATE, 'state.json');
export const LOCK_FILE = `${RUN}.lock`;
export const LOGS = join(STATE, 'logs');
export const PKI = join(STATE, 'pki');
export const CONFIG = join(STATE, 'config');
export const VOLUMES = join(STATE, 'volumes');
export const ADMIN_KUBECONFIG = join(STATE, 'admin.kubeconfig');
export const NETWORK_NAMESPACE = join(RUN, 'network');
export const CONTAINERD_STATE = join(RUN, 'containerd');
export const CONTAINERD_SOCKET = join(RUN, 'containerd.sock');

export const NODE_NAME = 'node-from-source';

/** The two ends of the link between the machine and the node's network namespace. */
export const MACHINE_LINK = 'usk-machine';
export const NODE_LINK = 'usk-node';
export const MACHINE_ADDRESS = '172.31.255.2';
/** Every server of the node listens here and nowhere else. */
export const NODE_ADDRESS = '172.31.255.1';
export const LINK_PREFIX_LENGTH = 30;
export const POD_BRIDGE = 'usk-pods';
export const POD_RANGE = '10.244.0.0/16';
export const NODE_POD_RANGE = '10.244.0.0/24';
export const SERVICE_RANGE = '10.96.0.0/16';
/** The first address of {@link SERVICE_RANGE}, which the Service `kubernetes` always gets. */
export const API_SERVICE_ADDRESS = '10.96.0.1';

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
  dns: 53,
  dnsHealth: 8080,
  dnsReady: 8181,
} as const;

export const API_SERVER_URL = `https://${NODE_ADDRESS}:${PORTS.apiServer}`;
