/** Gives each Pod a node. */
import { join } from 'node:path';
import { kubeconfigOf, servingFlags } from '../credentials';
import { FIRST_NODE, PORTS } from '../layout';
import { probe } from '../probe';
import type { Component } from '../supervision';

/** @param binaries folder of Kubernetes' programs. */
export function kubeScheduler(binaries: string): Component {
  return {
    name: 'kube-scheduler',
    node: FIRST_NODE,
    command: [
      join(binaries, 'kube-scheduler'),
      `--kubeconfig=${kubeconfigOf('kube-scheduler')}`,
      ...servingFlags(PORTS.scheduler),
      '--leader-elect=false',
    ],
    ready: () => probe(`https://${FIRST_NODE.address}:${PORTS.scheduler}/healthz`),
  };
}
