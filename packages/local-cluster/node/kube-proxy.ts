/** The Services of the cluster, by iptables of the node. */
import { join } from 'node:path';
import { stringify } from 'yaml';
import { kubeconfigOf } from './credentials';
import { CONFIG, NODE_ADDRESS, NODE_NAME, POD_RANGE, PORTS } from './layout';
import { probe } from './probe';
import type { Component } from './supervision';

/** @param binaries folder of Kubernetes' programs. */
export function kubeProxy(binaries: string): Component {
  const config = join(CONFIG, 'kube-proxy.yaml');
  return {
    name: 'kube-proxy',
    command: [join(binaries, 'kube-proxy'), `--config=${config}`],
    files: { [config]: stringify(kubeProxyConfig()) },
    ready: () => probe(`http://${NODE_ADDRESS}:${PORTS.kubeProxyHealth}/healthz`),
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
