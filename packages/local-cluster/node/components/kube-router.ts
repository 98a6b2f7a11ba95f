/** Enforces NetworkPolicies for the Pods of its node, by iptables: https://www.kube-router.io. */
import { join } from 'node:path';
import { kubeconfigOf } from '../credentials';
import { type Node, PORTS, SERVICE_RANGE } from '../layout';
import { probe } from '../probe';
import { bindUser, clusterRole } from '../rbac';
import type { Component } from '../supervision';

const USER = 'system:kube-router';

/** @param binaries folder that holds kube-router. */
export function kubeRouter(binaries: string, node: Node): Component {
  const health = `${node.address}:${PORTS.kubeRouterHealth}`;
  return {
    name: 'kube-router',
    node,
    does: 'enforces NetworkPolicy',
    command: [
      join(binaries, 'kube-router'),
      `--kubeconfig=${kubeconfigOf('kube-router')}`,
      `--hostname-override=${node.name}`,
      `--service-cluster-ip-range=${SERVICE_RANGE}`,
      `--health-address=${health}`,
    ],
    ready: () => probe(`http://${health}/healthz`),
  };
}

/** What its user may do. */
export function kubeRouterObjects(): object[] {
  return [
    clusterRole(
      USER,
      ['', ['pods', 'namespaces'], ['list', 'watch']],
      ['', ['nodes'], ['get']],
      ['networking.k8s.io', ['networkpolicies'], ['list', 'watch']],
    ),
    bindUser(USER, USER, USER),
  ];
}
