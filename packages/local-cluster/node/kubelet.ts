/** The node's agent: it runs the Pods that are given to it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { CREDENTIALS, kubeconfigOf } from './credentials';
import { CONFIG, CONTAINERD_SOCKET, NODE_ADDRESS, NODE_NAME, PORTS, STATE } from './layout';
import { probe } from './probe';
import type { Component } from './supervision';

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
    ready: () => probe(`http://${NODE_ADDRESS}:${PORTS.kubeletHealth}/healthz`),
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

/** This process's own hard limit of open files, which its children inherit: /proc/self/limits, proc(5). */
function openFileLimit(): number {
  const limit = /^Max open files\s+\S+\s+(\d+)/m.exec(
    readFileSync('/proc/self/limits', 'utf8'),
  )?.[1];
  return Math.min(Number(limit ?? 1_000_000), 1_000_000);
}
