/** The API server, and what its callers may do beyond the roles that it makes by itself. */
import { join } from 'node:path';
import { CREDENTIALS, API_SERVER_CLIENT } from '../credentials';
import { ETCD_URL } from './etcd';
import { API_SERVER_URL, FIRST_NODE, PORTS, SERVICE_RANGE } from '../layout';
import { probe } from '../probe';
import { bindUser } from '../rbac';
import type { Component } from '../supervision';

/** @param binaries folder of Kubernetes' programs. */
export function kubeApiserver(binaries: string): Component {
  const { authority, server, client, serviceAccount, tokens } = CREDENTIALS;
  return {
    name: 'kube-apiserver',
    node: FIRST_NODE,
    command: [
      join(binaries, 'kube-apiserver'),
      `--etcd-servers=${ETCD_URL}`,
      `--etcd-cafile=${authority}`,
      `--etcd-certfile=${client.certificate}`,
      `--etcd-keyfile=${client.key}`,
      `--bind-address=${FIRST_NODE.address}`,
      `--advertise-address=${FIRST_NODE.address}`,
      `--secure-port=${PORTS.apiServer}`,
      `--tls-cert-file=${server.certificate}`,
      `--tls-private-key-file=${server.key}`,
      '--anonymous-auth=false',
      `--token-auth-file=${tokens}`,
      '--authorization-mode=Node,RBAC',
      '--enable-admission-plugins=NodeRestriction',
      '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
      `--service-account-key-file=${serviceAccount.publicKey}`,
      `--service-account-signing-key-file=${serviceAccount.key}`,
      `--service-cluster-ip-range=${SERVICE_RANGE}`,
      '--allow-privileged=true',
      '--kubelet-preferred-address-types=InternalIP',
      `--kubelet-certificate-authority=${authority}`,
      `--kubelet-client-certificate=${client.certificate}`,
      `--kubelet-client-key=${client.key}`,
      // Aggregated APIs are told who asks: https://kubernetes.io/docs/tasks/extend-kubernetes/configure-aggregation-layer/.
      `--requestheader-client-ca-file=${authority}`,
      `--requestheader-allowed-names=${API_SERVER_CLIENT}`,
      '--requestheader-username-headers=X-Remote-User',
      '--requestheader-group-headers=X-Remote-Group',
      '--requestheader-extra-headers-prefix=X-Remote-Extra-',
      `--proxy-client-cert-file=${client.certificate}`,
      `--proxy-client-key-file=${client.key}`,
      '--enable-aggregator-routing',
    ],
    ready: () => probe(`${API_SERVER_URL}/readyz`, 'token'),
  };
}

/** Lets the API server call kubelet, for logs and exec. */
export function kubeApiserverObjects(): object[] {
  return [bindUser('kube-apiserver-to-kubelet', 'system:kubelet-api-admin', API_SERVER_CLIENT)];
}
