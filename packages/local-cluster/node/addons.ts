/** What a usable cluster has beside Kubernetes itself: DNS, and volumes that are provisioned. */
import { existsSync, readFileSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import { join } from 'node:path';
import { KUBELET_CLIENT, kubeconfigOf } from './credentials';
import { CONFIG, NODE_ADDRESS, PORTS, VOLUMES } from './layout';
import { look } from './look';
import { VOLUME_IMAGE, VOLUME_PROGRAM } from './node-images';
import { logFile, type Component } from './supervision';

const PROVISIONER = 'rancher.io/local-path';
const PROVISIONER_USER = 'system:local-path-provisioner';
const PROVISIONER_NAMESPACE = 'local-path-storage';
const PROVISIONER_ACCOUNT = 'local-path-provisioner-service-account';
const DNS_USER = 'system:coredns';

/** systemd-resolved keeps the real name servers here, behind its own at 127.0.0.53: systemd-resolved.service(8). */
const RESOLVER_FILES = ['/etc/resolv.conf', '/run/systemd/resolve/resolv.conf'];

/** @param binaries folder that holds coredns. */
export function coredns(binaries: string): Component {
  const corefile = join(CONFIG, 'Corefile');
  return {
    name: 'coredns',
    command: [join(binaries, 'coredns'), '-conf', corefile],
    files: { [corefile]: corefileFor(upstreamNameServers()) },
    ready: () => look(`http://${NODE_ADDRESS}:${PORTS.dnsReady}/ready`),
  };
}

/** @param binaries folder that holds local-path-provisioner. */
export function volumeProvisioner(binaries: string): Component {
  const name = 'local-path-provisioner';
  const config = join(CONFIG, 'volumes.json');
  const helperPod = join(CONFIG, 'volume-pod.json');
  return {
    name,
    command: [
      join(binaries, name),
      'start',
      `--kubeconfig=${kubeconfigOf(name)}`,
      `--config=${config}`,
      `--helper-pod-file=${helperPod}`,
      `--helper-image=${VOLUME_IMAGE}`,
      `--provisioner-name=${PROVISIONER}`,
      `--namespace=${PROVISIONER_NAMESPACE}`,
      `--service-account-name=${PROVISIONER_ACCOUNT}`,
    ],
    files: { [config]: JSON.stringify(volumeConfig()), [helperPod]: JSON.stringify(volumePod()) },
    // It serves nothing that could be asked; this line follows the sync of its caches.
    ready: () => {
      const log = existsSync(logFile(name)) ? readFileSync(logFile(name), 'utf8') : '';
      return Promise.resolve(
        log.includes('Started provisioner controller')
          ? undefined
          : 'its controller has not started',
      );
    },
  };
}

/** The objects that the add-ons and kubelet's callers need, as one manifest. */
export function clusterObjects(): object {
  const rbac = 'rbac.authorization.k8s.io';
  const bind = (name: string, role: string, user: string) => ({
    apiVersion: `${rbac}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: role },
    subjects: [{ apiGroup: rbac, kind: 'User', name: user }],
  });
  const role = (
    name: string,
    ...rules: [group: string, resources: string[], verbs: string[]][]
  ) => ({
    apiVersion: `${rbac}/v1`,
    kind: 'ClusterRole',
    metadata: { name },
    rules: rules.map(([group, resources, verbs]) => ({ apiGroups: [group], resources, verbs })),
  });
  const read = ['get', 'list', 'watch'];
  const write = [...read, 'create', 'patch', 'update', 'delete'];
  const items = [
    bind('kube-apiserver-to-kubelet', 'system:kubelet-api-admin', KUBELET_CLIENT),
    role(
      DNS_USER,
      ['', ['endpoints', 'services', 'pods', 'namespaces'], ['list', 'watch']],
      ['discovery.k8s.io', ['endpointslices'], ['list', 'watch']],
    ),
    bind(DNS_USER, DNS_USER, DNS_USER),
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: PROVISIONER_NAMESPACE } },
    {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: PROVISIONER_ACCOUNT, namespace: PROVISIONER_NAMESPACE },
    },
    role(
      PROVISIONER_USER,
      ['', ['nodes', 'persistentvolumeclaims', 'configmaps'], read],
      ['', ['pods', 'persistentvolumes'], write],
      ['', ['pods/log'], ['get']],
      ['', ['events'], ['create', 'patch']],
      ['storage.k8s.io', ['storageclasses'], read],
    ),
    bind(PROVISIONER_USER, PROVISIONER_USER, PROVISIONER_USER),
    {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: {
        name: 'standard',
        annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' },
      },
      provisioner: PROVISIONER,
      reclaimPolicy: 'Delete',
      volumeBindingMode: 'WaitForFirstConsumer',
    },
  ];
  return { apiVersion: 'v1', kind: 'List', items };
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
  return `.:${PORTS.dns} {
  bind ${NODE_ADDRESS}
  errors
  health ${NODE_ADDRESS}:${PORTS.dnsHealth}
  ready ${NODE_ADDRESS}:${PORTS.dnsReady}
  kubernetes cluster.local in-addr.arpa ip6.arpa {
    kubeconfig ${kubeconfigOf('coredns')}
    pods insecure
    ttl 5
    fallthrough in-addr.arpa ip6.arpa
  }
  ${elsewhere}
}
`;
}

function upstreamNameServers(): string[] {
  const found = RESOLVER_FILES.filter((file) => existsSync(file)).map((file) =>
    nameServersOf(readFileSync(file, 'utf8')),
  );
  return found.find((servers) => servers.length > 0) ?? [];
}

function volumeConfig(): object {
  return {
    nodePathMap: [{ node: 'DEFAULT_PATH_FOR_NON_LISTED_NODES', paths: [VOLUMES] }],
    setupCommand: VOLUME_PROGRAM,
    teardownCommand: VOLUME_PROGRAM,
  };
}

/** The Pod that makes or removes the folder of a volume; the provisioner adds the folder, the command and the node. */
function volumePod(): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'volume' },
    spec: {
      priorityClassName: 'system-node-critical',
      automountServiceAccountToken: false,
      containers: [{ name: 'helper-pod', image: VOLUME_IMAGE, imagePullPolicy: 'Never' }],
    },
  };
}
