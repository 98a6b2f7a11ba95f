/** The node's agent: it runs the Pods that are given to it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { CREDENTIALS, kubeconfigOf } from '../credentials';
import { DNS_SERVICE_ADDRESS, FIRST_NODE, type Node, PORTS } from '../layout';
import { probe } from '../probe';
import type { Component } from '../supervision';

/** @param binaries folder of Kubernetes' programs. */
export function kubelet(binaries: string, node: Node): Component {
  const config = join(node.config, 'kubelet.yaml');
  return {
    name: 'kubelet',
    node,
    command: [
      join(binaries, 'kubelet'),
      `--config=${config}`,
      `--kubeconfig=${kubeconfigOf(node === FIRST_NODE ? 'kubelet' : 'kubelet-2')}`,
      `--hostname-override=${node.name}`,
      `--node-ip=${node.address}`,
      `--root-dir=${join(node.state, 'kubelet')}`,
      `--cert-dir=${join(node.state, 'kubelet', 'pki')}`,
      // For cAdvisor, whose figures of containers are what metrics-server asks for.
      `--containerd=${node.containerdSocket}`,
    ],
    files: { [config]: stringify(kubeletConfig(node)) },
    ready: () => probe(`http://${node.address}:${PORTS.kubeletHealth}/healthz`),
  };
}

function kubeletConfig(node: Node): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: node.address,
    port: PORTS.kubelet,
    healthzBindAddress: node.address,
    healthzPort: PORTS.kubeletHealth,
    tlsCertFile: CREDENTIALS.server.certificate,
    tlsPrivateKeyFile: CREDENTIALS.server.key,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: CREDENTIALS.authority },
    },
    authorization: { mode: 'Webhook' },
    containerRuntimeEndpoint: `unix://${node.containerdSocket}`,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: node.controlGroup,
    failCgroupV1: false,
    failSwapOn: false,
    enforceNodeAllocatable: [],
    // These two need CAP_SYS_RESOURCE to go beyond what this process already has.
    maxOpenFiles: openFileLimit(),
    oomScoreAdj: 0,
    clusterDNS: [DNS_SERVICE_ADDRESS],
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
    podLogsDir: join(node.state, 'pod-logs'),
    volumePluginDir: join(node.state, 'flex-volume'),
  };
}

/** This process's own hard limit of open files, which its children inherit: /proc/self/limits, proc(5). */
function openFileLimit(): number {
  const limit = /^Max open files\s+\S+\s+(\d+)/m.exec(
    readFileSync('/proc/self/limits', 'utf8'),
  )?.[1];
  return Math.min(Number(limit ?? 1_000_000), 1_000_000);
}
