/** Prometheus, which scrapes Pods that ask for it, and kubelet's figures of containers: https://prometheus.io. */
import { createHash } from 'node:crypto';
import { stringify } from 'yaml';
import { PROMETHEUS } from '../../go-programs';
import { apply } from '../api';
import { programImage } from '../program-images';
import { bindAccount, clusterRole, READ } from '../rbac';
import type { Addon } from './addon';

const NAME = 'prometheus';
const NAMESPACE = 'monitoring';
const PORT = 9090;
/** A ConfigMap of rule files, by whoever has some. */
const RULES = 'prometheus-rules';

export const prometheus: Addon = {
  images: [{ module: PROMETHEUS, program: NAME }],
  deployments: [{ namespace: NAMESPACE, name: NAME }],
  apply: async () => {
    for (const object of objects()) await apply(object);
  },
  standIns: [
    'Prometheus is built without its web interface, and with the service discoveries of Kubernetes and DNS alone',
  ],
};

function objects(): object[] {
  const metadata = { name: NAME, namespace: NAMESPACE };
  const configuration = stringify(prometheusConfiguration());
  const labels = { 'app.kubernetes.io/name': NAME };
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    clusterRole(
      NAME,
      ['', ['nodes', 'services', 'endpoints', 'pods'], READ],
      ['', ['nodes/metrics', 'nodes/proxy'], ['get']],
      ['discovery.k8s.io', ['endpointslices'], READ],
    ),
    bindAccount(NAME, NAME, metadata),
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata,
      data: { 'prometheus.yml': configuration },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { selector: labels, ports: [{ name: 'http', port: PORT }] },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        selector: { matchLabels: labels },
        strategy: { type: 'Recreate' },
        template: {
          metadata: {
            labels,
            annotations: {
              'user-service-kubernetes/configuration': createHash('sha256')
                .update(configuration)
                .digest('hex'),
            },
          },
          spec: podSpec(),
        },
      },
    },
  ];
}

function podSpec(): object {
  const { name, entrypoint } = programImage(PROMETHEUS, NAME);
  return {
    serviceAccountName: NAME,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 65534,
      fsGroup: 65534,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [
      {
        name: NAME,
        image: name,
        imagePullPolicy: 'Never',
        command: [
          entrypoint,
          '--config.file=/etc/prometheus/prometheus.yml',
          '--storage.tsdb.path=/data',
          '--storage.tsdb.retention.time=1d',
          // POST /-/reload, after a change of rules.
          '--web.enable-lifecycle',
        ],
        ports: [{ name: 'http', containerPort: PORT }],
        readinessProbe: { httpGet: { path: '/-/ready', port: 'http' }, periodSeconds: 1 },
        resources: { requests: { cpu: '50m', memory: '128Mi' } },
        securityContext: {
          allowPrivilegeEscalation: false,
          capabilities: { drop: ['ALL'] },
          readOnlyRootFilesystem: true,
        },
        volumeMounts: [
          { name: 'configuration', mountPath: '/etc/prometheus', readOnly: true },
          { name: 'rules', mountPath: '/etc/prometheus-rules', readOnly: true },
          { name: 'data', mountPath: '/data' },
        ],
      },
    ],
    volumes: [
      { name: 'configuration', configMap: { name: NAME } },
      { name: 'rules', configMap: { name: RULES, optional: true } },
      { name: 'data', emptyDir: {} },
    ],
  };
}

/** https://prometheus.io/docs/prometheus/latest/configuration/configuration/ */
function prometheusConfiguration(): object {
  const annotation = '__meta_kubernetes_pod_annotation_prometheus_io';
  const account = '/var/run/secrets/kubernetes.io/serviceaccount';
  return {
    global: { scrape_interval: '5s', evaluation_interval: '5s' },
    rule_files: ['/etc/prometheus-rules/*.yml', '/etc/prometheus-rules/*.yaml'],
    scrape_configs: [
      {
        job_name: 'pods',
        kubernetes_sd_configs: [{ role: 'pod' }],
        relabel_configs: [
          { source_labels: [`${annotation}_scrape`], action: 'keep', regex: 'true' },
          {
            source_labels: [`${annotation}_path`],
            action: 'replace',
            target_label: '__metrics_path__',
            regex: '(.+)',
          },
          {
            source_labels: ['__meta_kubernetes_pod_ip', `${annotation}_port`],
            action: 'replace',
            separator: ':',
            regex: '(.+):(\\d+)',
            target_label: '__address__',
            replacement: '$1:$2',
          },
          { source_labels: ['__meta_kubernetes_namespace'], target_label: 'namespace' },
          { source_labels: ['__meta_kubernetes_pod_name'], target_label: 'pod' },
        ],
      },
      {
        job_name: 'cadvisor',
        scheme: 'https',
        metrics_path: '/metrics/cadvisor',
        authorization: { credentials_file: `${account}/token` },
        tls_config: { ca_file: `${account}/ca.crt` },
        kubernetes_sd_configs: [{ role: 'node' }],
      },
    ],
  };
}
