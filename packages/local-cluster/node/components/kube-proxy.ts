/** The Services of the cluster, by nftables of the node. */
import { join } from 'node:path';
import { stringify } from 'yaml';
import { kubeconfigOf } from '../credentials';
import { type Node, POD_RANGE, PORTS } from '../layout';
import { probe } from '../probe';
import type { Component } from '../supervision';

/** @param binaries folder of Kubernetes' programs. */
export function kubeProxy(binaries: string, node: Node): Component {
  const config = join(node.config, 'kube-proxy.yaml');
  return {
    name: 'kube-proxy',
    node,
    command: [join(binaries, 'kube-proxy'), `--config=${config}`],
    files: { [config]: stringify(kubeProxyConfig(node)) },
    ready: () => probe(`http://${node.address}:${PORTS.kubeProxyHealth}/healthz`),
  };
}

function kubeProxyConfig(node: Node): object {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    // In tables of its own: kube-router replaces the rules of iptables as a whole, and would undo a change of kube-proxy's.
    mode: 'nftables',
    clientConnection: { kubeconfig: kubeconfigOf('kube-proxy') },
    clusterCIDR: POD_RANGE,
    hostnameOverride: node.name,
    healthzBindAddress: `${node.address}:${PORTS.kubeProxyHealth}`,
    metricsBindAddress: `${node.address}:${PORTS.kubeProxyMetrics}`,
    oomScoreAdj: 0,
    // The table of connections is the machine's and cannot be resized from a network namespace.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  };
}
