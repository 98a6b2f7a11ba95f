/** The cluster's DNS. */
import { existsSync, readFileSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import { join } from 'node:path';
import { kubeconfigOf } from './credentials';
import { CONFIG, NODE_ADDRESS, PORTS } from './layout';
import { probe } from './probe';
import { bindUser, clusterRole } from './rbac';
import type { Component } from './supervision';

const USER = 'system:coredns';

/** systemd-resolved keeps the real name servers here, behind its own at 127.0.0.53: systemd-resolved.service(8). */
const RESOLVER_FILES = ['/etc/resolv.conf', '/run/systemd/resolve/resolv.conf'];

/** @param binaries folder that holds coredns. */
export function coredns(binaries: string): Component {
  const corefile = join(CONFIG, 'Corefile');
  return {
    name: 'coredns',
    command: [join(binaries, 'coredns'), '-conf', corefile],
    files: { [corefile]: corefileFor(upstreamNameServers()) },
    ready: () => probe(`http://${NODE_ADDRESS}:${PORTS.dnsReady}/ready`),
  };
}

/** What its user may do. */
export function corednsObjects(): object[] {
  return [
    clusterRole(
      USER,
      ['', ['endpoints', 'services', 'pods', 'namespaces'], ['list', 'watch']],
      ['discovery.k8s.io', ['endpointslices'], ['list', 'watch']],
    ),
    bindUser(USER, USER, USER),
  ];
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
