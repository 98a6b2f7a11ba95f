/** containerd, kubelet and kube-proxy. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { CommandFailure, run } from '../command';
import { CREDENTIALS, kubeconfigOf } from './credentials';
import {
  CONFIG,
  CONTAINERD_SOCKET,
  CONTAINERD_STATE,
  NODE_ADDRESS,
  NODE_NAME,
  NODE_POD_RANGE,
  POD_BRIDGE,
  POD_RANGE,
  PORTS,
  RUN,
  STATE,
} from './layout';
import { look } from './look';
import { PAUSE_IMAGE } from './node-images';
import type { Component } from './supervision';

const POD_NETWORK_CONFIG = join(CONFIG, 'pod-network');

export function containerd(): Component {
  const config = join(CONFIG, 'containerd.toml');
  return {
    name: 'containerd',
    command: ['containerd', '--config', config],
    files: {
      [config]: containerdConfig(),
      [join(POD_NETWORK_CONFIG, '10-pods.conflist')]: JSON.stringify(podNetwork(), undefined, 2),
    },
    ready: async () => {
      try {
        await run(['ctr', '--address', CONTAINERD_SOCKET, 'version'], { timeout: 5_000 });
        return undefined;
      } catch (error) {
        if (error instanceof CommandFailure) return error.message;
        throw error;
      }
    },
  };
}

/** @param binaries folder of Kubernetes' programs. */
export function kubelet(binaries: string): Component {
  const config = join(CONFIG, 'kubelet.yaml');
  return {
    name: 'kubelet',
    command: [
      join(binaries, 'kubelet'),
      `--config=${config}`,
      `--kubeconfig=${kubeconfigOf('kubelet')}`,
      `--hostname-override=${NODE_NAME}`,
      `--node-ip=${NODE_ADDRESS}`,
      `--root-dir=${join(STATE, 'kubelet')}`,
      `--cert-dir=${join(STATE, 'kubelet', 'pki')}`,
    ],
    files: { [config]: stringify(kubeletConfig()) },
    ready: () => look(`http://${NODE_ADDRESS}:${PORTS.kubeletHealth}/healthz`),
  };
}

export function kubeProxy(binaries: string): Component {
  const config = join(CONFIG, 'kube-proxy.yaml');
  return {
    name: 'kube-proxy',
    command: [join(binaries, 'kube-proxy'), `--config=${config}`],
    files: { [config]: stringify(kubeProxyConfig()) },
    ready: () => look(`http://${NODE_ADDRESS}:${PORTS.kubeProxyHealth}/healthz`),
  };
}

/** Name of the Pods' network, which begins the names of the files that CNI keeps of it. */
export const POD_NETWORK = 'user-service-kubernetes';

function containerdConfig(): string {
  const cri = 'plugins."io.containerd.grpc.v1.cri"';
  return `version = 2
root = "${join(STATE, 'containerd')}"
state = "${CONTAINERD_STATE}"

[grpc]
  address = "${CONTAINERD_SOCKET}"

[plugins."io.containerd.internal.v1.opt"]
  path = "${join(STATE, 'containerd-extensions')}"

[${cri}]
  sandbox_image = "${PAUSE_IMAGE}"
  # Lowering oom_score_adj takes CAP_SYS_RESOURCE, which a container that runs the node may lack.
  restrict_oom_score_adj = true
  disable_apparmor = true
  # Below the node's own folder, so that they are removed with it.
  netns_mounts_under_state_dir = true

[${cri}.containerd]
  snapshotter = "overlayfs"
  default_runtime_name = "runc"

[${cri}.containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"

[${cri}.containerd.runtimes.runc.options]
  SystemdCgroup = false
  Root = "${join(RUN, 'runc')}"

[${cri}.cni]
  bin_dir = "/usr/lib/cni"
  conf_dir = "${POD_NETWORK_CONFIG}"
`;
}

function podNetwork(): object {
  return {
    cniVersion: '0.4.0',
    name: POD_NETWORK,
    plugins: [
      {
        type: 'bridge',
        bridge: POD_BRIDGE,
        isGateway: true,
        ipMasq: true,
        hairpinMode: true,
        ipam: {
          type: 'host-local',
          ranges: [[{ subnet: NODE_POD_RANGE }]],
          routes: [{ dst: '0.0.0.0/0' }],
          dataDir: join(STATE, 'pod-addresses'),
        },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  };
}

function kubeletConfig(): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: NODE_ADDRESS,
    port: PORTS.kubelet,
    healthzBindAddress: NODE_ADDRESS,
    healthzPort: PORTS.kubeletHealth,
    tlsCertFile: CREDENTIALS.server.certificate,
    tlsPrivateKeyFile: CREDENTIALS.server.key,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: CREDENTIALS.authority },
    },
    authorization: { mode: 'Webhook' },
    containerRuntimeEndpoint: `unix://${CONTAINERD_SOCKET}`,
    cgroupDriver: 'cgroupfs',
    failCgroupV1: false,
    failSwapOn: false,
    enforceNodeAllocatable: [],
    // These two need CAP_SYS_RESOURCE to go beyond what this process already has.
    maxOpenFiles: openFileLimit(),
    oomScoreAdj: 0,
    clusterDNS: [NODE_ADDRESS],
    clusterDomain: 'cluster.local',
    // Absolute amounts: a tenth of a large disk is no reason to evict.
    evictionHard: {
      'memory.available': '200Mi',
      'nodefs.available': '2Gi',
      'imagefs.available': '2Gi',
    },
    // Loaded images cannot be pulled again: they are never collected.
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    podLogsDir: join(STATE, 'pod-logs'),
    volumePluginDir: join(STATE, 'flex-volume'),
  };
}

function kubeProxyConfig(): object {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'iptables',
    clientConnection: { kubeconfig: kubeconfigOf('kube-proxy') },
    clusterCIDR: POD_RANGE,
    hostnameOverride: NODE_NAME,
    healthzBindAddress: `${NODE_ADDRESS}:${PORTS.kubeProxyHealth}`,
    metricsBindAddress: `${NODE_ADDRESS}:${PORTS.kubeProxyMetrics}`,
    oomScoreAdj: 0,
    // The table of connections is the machine's and cannot be resized from a network namespace.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  };
}

/** This process's own hard limit of open files, which its children inherit: /proc/self/limits, proc(5). */
function openFileLimit(): number {
  const limit = /^Max open files\s+\S+\s+(\d+)/m.exec(
    readFileSync('/proc/self/limits', 'utf8'),
  )?.[1];
  return Math.min(Number(limit ?? 1_000_000), 1_000_000);
}
