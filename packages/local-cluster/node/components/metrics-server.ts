/** What Pods and nodes use of CPU and memory, as an aggregated API: HorizontalPodAutoscalers and `kubectl top` read it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CREDENTIALS, kubeconfigOf, servingFlags } from '../credentials';
import { FIRST_NODE, PORTS } from '../layout';
import { probe } from '../probe';
import { bindUser, bindUserInNamespace, clusterRole } from '../rbac';
import type { Component } from '../supervision';

const NAME = 'metrics-server';
const NAMESPACE = 'kube-system';
const USER = 'system:metrics-server';
const GROUP = 'metrics.k8s.io';
const VERSION = 'v1beta1';
export const METRICS_API = `${VERSION}.${GROUP}`;

/** @param binaries folder that holds metrics-server. */
export function metricsServer(binaries: string): Component {
  const kubeconfig = kubeconfigOf(NAME);
  return {
    name: NAME,
    node: FIRST_NODE,
    does: 'feeds autoscalers',
    command: [
      join(binaries, NAME),
      `--kubeconfig=${kubeconfig}`,
      `--authentication-kubeconfig=${kubeconfig}`,
      `--authorization-kubeconfig=${kubeconfig}`,
      ...servingFlags(PORTS.metricsServer),
      `--kubelet-certificate-authority=${CREDENTIALS.authority}`,
      '--kubelet-preferred-address-types=InternalIP',
      // The shortest that it takes: an autoscaler looks every 15 seconds.
      '--metric-resolution=10s',
      '--kubelet-request-timeout=5s',
    ],
    ready: () => probe(`https://${FIRST_NODE.address}:${PORTS.metricsServer}/livez`, 'token'),
  };
}

/** Its API, behind a Service that leads to the process beside the nodes, and what its user and its readers may do. */
export function metricsServerObjects(): object[] {
  const metadata = { name: NAME, namespace: NAMESPACE };
  return [
    clusterRole(
      USER,
      ['', ['nodes/metrics'], ['get']],
      ['', ['pods', 'nodes'], ['get', 'list', 'watch']],
    ),
    bindUser(USER, USER, USER),
    bindUser(`${NAME}:system:auth-delegator`, 'system:auth-delegator', USER),
    bindUserInNamespace(
      NAMESPACE,
      `${NAME}-auth-reader`,
      'extension-apiserver-authentication-reader',
      USER,
    ),
    {
      ...clusterRole('system:aggregated-metrics-reader', [
        GROUP,
        ['pods', 'nodes'],
        ['get', 'list', 'watch'],
      ]),
      metadata: {
        name: 'system:aggregated-metrics-reader',
        labels: Object.fromEntries(
          ['view', 'edit', 'admin'].map((role) => [
            `rbac.authorization.k8s.io/aggregate-to-${role}`,
            'true',
          ]),
        ),
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { ports: [{ name: 'https', port: 443, targetPort: PORTS.metricsServer }] },
    },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { ...metadata, labels: { 'kubernetes.io/service-name': NAME } },
      addressType: 'IPv4',
      endpoints: [{ addresses: [FIRST_NODE.address], conditions: { ready: true } }],
      ports: [{ name: 'https', port: PORTS.metricsServer, protocol: 'TCP' }],
    },
    {
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name: METRICS_API },
      spec: {
        group: GROUP,
        version: VERSION,
        service: { name: NAME, namespace: NAMESPACE },
        caBundle: readFileSync(CREDENTIALS.authority).toString('base64'),
        groupPriorityMinimum: 100,
        versionPriority: 100,
      },
    },
  ];
}
