/** The controllers of Kubernetes itself. */
import { join } from 'node:path';
import { CREDENTIALS, kubeconfigOf, servingFlags } from '../credentials';
import { FIRST_NODE, PORTS, STATE } from '../layout';
import { probe } from '../probe';
import type { Component } from '../supervision';

/** @param binaries folder of Kubernetes' programs. */
export function kubeControllerManager(binaries: string): Component {
  const { authority, serviceAccount } = CREDENTIALS;
  return {
    name: 'kube-controller-manager',
    node: FIRST_NODE,
    command: [
      join(binaries, 'kube-controller-manager'),
      `--kubeconfig=${kubeconfigOf('kube-controller-manager')}`,
      ...servingFlags(PORTS.controllerManager),
      '--leader-elect=false',
      '--use-service-account-credentials',
      // At the default 20 a second, the requests that its controllers begin with take five seconds.
      '--kube-api-qps=200',
      '--kube-api-burst=400',
      // Of the default 15 seconds most would be spent on waiting for the next look.
      '--horizontal-pod-autoscaler-sync-period=5s',
      `--service-account-private-key-file=${serviceAccount.key}`,
      `--root-ca-file=${authority}`,
      // Its default lies in /usr/libexec, where this node has no business.
      `--flex-volume-plugin-dir=${join(STATE, 'flex-volume')}`,
    ],
    ready: () => probe(`https://${FIRST_NODE.address}:${PORTS.controllerManager}/healthz`),
  };
}
