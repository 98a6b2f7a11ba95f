import { Lazy } from 'cdk8s';
import type { Construct } from 'constructs';
import {
  IntOrString,
  KubeNetworkPolicy,
  type NetworkPolicyEgressRule,
  type NetworkPolicyIngressRule,
  type NetworkPolicyPeer,
} from '../../imports/k8s';

/** Cluster DNS, by the labels that kubeadm, kind and the managed clusters give it. */
const DNS: NetworkPolicyEgressRule = {
  to: [
    {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
      podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
    },
  ],
  ports: [
    { port: IntOrString.fromNumber(53), protocol: 'UDP' },
    { port: IntOrString.fromNumber(53), protocol: 'TCP' },
  ],
};

/** One direction of a path: who is at the other end, and the port at the Pods that are called. */
export interface Path {
  readonly peer: NetworkPolicyPeer;
  readonly port: number;
}

export function pods(labels: Readonly<Record<string, string>>): NetworkPolicyPeer {
  return { podSelector: { matchLabels: { ...labels } } };
}

export function namespace(name: string): NetworkPolicyPeer {
  return { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } };
}

/** The network paths of one workload's Pods: nothing comes in or goes out but along these, and DNS for who calls. */
export class Paths {
  private readonly ingress: Path[] = [];
  private readonly egress: Path[] = [];

  constructor(scope: Construct, name: string, labels: Readonly<Record<string, string>>) {
    new KubeNetworkPolicy(scope, 'network-policy', {
      metadata: { name },
      spec: {
        podSelector: { matchLabels: { ...labels } },
        policyTypes: ['Ingress', 'Egress'],
        // Rendered last: whoever is created later may still open a path.
        ingress: Lazy.any({
          // An empty list is shown by `kubectl diff` as a change: the API server leaves it out.
          produce: () => (this.ingress.length > 0 ? this.ingress.map(ingressRule) : undefined),
        }) as NetworkPolicyIngressRule[],
        egress: Lazy.any({
          produce: () =>
            this.egress.length > 0 ? [DNS, ...this.egress.map(egressRule)] : undefined,
        }) as NetworkPolicyEgressRule[],
      },
    });
  }

  allowFrom(path: Path): void {
    add(this.ingress, path);
  }

  allowTo(path: Path): void {
    add(this.egress, path);
  }
}

function add(paths: Path[], path: Path): void {
  const text = JSON.stringify(path);
  if (!paths.some((known) => JSON.stringify(known) === text)) paths.push(path);
}

function ingressRule({ peer, port }: Path): NetworkPolicyIngressRule {
  return { from: [peer], ports: [{ port: IntOrString.fromNumber(port), protocol: 'TCP' }] };
}

function egressRule({ peer, port }: Path): NetworkPolicyEgressRule {
  return { to: [peer], ports: [{ port: IntOrString.fromNumber(port), protocol: 'TCP' }] };
}
