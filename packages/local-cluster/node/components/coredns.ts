/** The cluster's DNS: Pods in kube-system, under the names and labels that kubeadm gives them. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import { COREDNS } from '../../go-programs';
import { DNS_SERVICE_ADDRESS, type NodeCount } from '../layout';
import { programImage } from '../program-images';
import { bindAccount, clusterRole } from '../rbac';

const NAME = 'coredns';
const NAMESPACE = 'kube-system';
const ROLE = 'system:coredns';
/** What policies that let Pods ask for names select. */
const LABELS = { 'k8s-app': 'kube-dns' };

export const COREDNS_DEPLOYMENT = { namespace: NAMESPACE, name: NAME };

/** systemd-resolved keeps the real name servers here, behind its own at 127.0.0.53: systemd-resolved.service(8). */
const RESOLVER_FILES = ['/etc/resolv.conf', '/run/systemd/resolve/resolv.conf'];

/** CoreDNS, one Pod for each node, behind the Service kube-dns. */
export function corednsObjects(replicas: NodeCount): object[] {
  const metadata = { name: NAME, namespace: NAMESPACE, labels: LABELS };
  const corefile = corefileFor(upstreamNameServers());
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: NAME, namespace: NAMESPACE } },
    clusterRole(
      ROLE,
      ['', ['endpoints', 'services', 'pods', 'namespaces'], ['list', 'watch']],
      ['discovery.k8s.io', ['endpointslices'], ['list', 'watch']],
    ),
    bindAccount(ROLE, ROLE, { namespace: NAMESPACE, name: NAME }),
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { Corefile: corefile } },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        replicas,
        selector: { matchLabels: LABELS },
        strategy: { rollingUpdate: { maxUnavailable: 1 } },
        template: {
          metadata: {
            labels: LABELS,
            // A change of the configuration is a rollout.
            annotations: {
              'user-service-kubernetes/corefile': createHash('sha256')
                .update(corefile)
                .digest('hex'),
            },
          },
          spec: podSpec(),
        },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {
        name: 'kube-dns',
        namespace: NAMESPACE,
        labels: { ...LABELS, 'kubernetes.io/name': 'CoreDNS' },
      },
      spec: {
        clusterIP: DNS_SERVICE_ADDRESS,
        selector: LABELS,
        ports: [
          { name: 'dns', port: 53, protocol: 'UDP' },
          { name: 'dns-tcp', port: 53, protocol: 'TCP' },
          { name: 'metrics', port: 9153, protocol: 'TCP' },
        ],
      },
    },
  ];
}

function podSpec(): object {
  const { name, entrypoint } = programImage(COREDNS, NAME);
  return {
    priorityClassName: 'system-cluster-critical',
    serviceAccountName: NAME,
    // Itself it asks the name servers of its configuration.
    dnsPolicy: 'Default',
    // A node that has just joined is not ready for some seconds, in which a Pod would not be scheduled.
    tolerations: [
      { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoSchedule' },
    ],
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: 'kubernetes.io/hostname',
        whenUnsatisfiable: 'ScheduleAnyway',
        labelSelector: { matchLabels: LABELS },
      },
    ],
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 65532,
      seccompProfile: { type: 'RuntimeDefault' },
      sysctls: [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '53' }],
    },
    containers: [
      {
        name: NAME,
        image: name,
        imagePullPolicy: 'Never',
        command: [entrypoint, '-conf', '/etc/coredns/Corefile'],
        ports: [
          { name: 'dns', containerPort: 53, protocol: 'UDP' },
          { name: 'dns-tcp', containerPort: 53, protocol: 'TCP' },
          { name: 'metrics', containerPort: 9153, protocol: 'TCP' },
        ],
        livenessProbe: { httpGet: { path: '/health', port: 8080 }, timeoutSeconds: 5 },
        readinessProbe: {
          httpGet: { path: '/ready', port: 8181 },
          periodSeconds: 1,
          timeoutSeconds: 5,
        },
        resources: { requests: { cpu: '100m', memory: '70Mi' }, limits: { memory: '170Mi' } },
        securityContext: {
          allowPrivilegeEscalation: false,
          capabilities: { drop: ['ALL'] },
          readOnlyRootFilesystem: true,
        },
        volumeMounts: [{ name: 'config', mountPath: '/etc/coredns', readOnly: true }],
      },
    ],
    volumes: [{ name: 'config', configMap: { name: NAME } }],
  };
}

/** IPv4 name servers of this machine that can be reached from another network namespace. */
export function nameServersOf(resolvConf: string): string[] {
  return [...resolvConf.matchAll(/^\s*nameserver\s+(\S+)/gm)]
    .map(([, address = '']) => address)
    .filter((address) => isIPv4(address) && !address.startsWith('127.'));
}

/** CoreDNS' configuration: https://coredns.io/plugins/kubernetes/. */
export function corefileFor(upstreams: readonly string[]): string {
  const elsewhere =
    upstreams.length > 0
      ? `forward . ${upstreams.join(' ')}`
      : // Without a server to ask, a name outside of the cluster does not exist; no answer at all would be an error.
        'template ANY ANY {\n    rcode NXDOMAIN\n  }';
  return `.:53 {
  errors
  health {
    lameduck 5s
  }
  ready
  prometheus :9153
  kubernetes cluster.local in-addr.arpa ip6.arpa {
    pods insecure
    ttl 5
    fallthrough in-addr.arpa ip6.arpa
  }
  ${elsewhere}
  cache 30 {
    disable success cluster.local
    disable denial cluster.local
  }
  loadbalance
}
`;
}

function upstreamNameServers(): string[] {
  const found = RESOLVER_FILES.filter((file) => existsSync(file)).map((file) =>
    nameServersOf(readFileSync(file, 'utf8')),
  );
  return found.find((servers) => servers.length > 0) ?? [];
}
