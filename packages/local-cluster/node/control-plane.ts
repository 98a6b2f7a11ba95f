/** etcd, the API server, the controller manager and the scheduler. */
import { join } from 'node:path';
import { CREDENTIALS, kubeconfigOf } from './credentials';
import { API_SERVER_URL, NODE_ADDRESS, POD_RANGE, PORTS, SERVICE_RANGE, STATE } from './layout';
import { look } from './look';
import type { Component } from './supervision';

const ETCD_URL = `https://${NODE_ADDRESS}:${PORTS.etcd}`;
const ETCD_PEER_URL = `https://${NODE_ADDRESS}:${PORTS.etcdPeer}`;

export function etcd(): Component {
  const { authority, server } = CREDENTIALS;
  return {
    name: 'etcd',
    command: [
      'etcd',
      `--data-dir=${join(STATE, 'etcd')}`,
      `--listen-client-urls=${ETCD_URL}`,
      `--advertise-client-urls=${ETCD_URL}`,
      `--listen-peer-urls=${ETCD_PEER_URL}`,
      `--initial-advertise-peer-urls=${ETCD_PEER_URL}`,
      `--initial-cluster=default=${ETCD_PEER_URL}`,
      ...['', 'peer-'].flatMap((of) => [
        `--${of}client-cert-auth`,
        `--${of}trusted-ca-file=${authority}`,
        `--${of}cert-file=${server.certificate}`,
        `--${of}key-file=${server.key}`,
      ]),
      // A node for trying things out outlives a process that is killed, not the machine's loss of power.
      '--unsafe-no-fsync',
    ],
    ready: () => look(`${ETCD_URL}/health`, 'certificate'),
  };
}

/** @param binaries folder of Kubernetes' programs. */
export function apiServer(binaries: string): Component {
  const { authority, server, client, serviceAccount, tokens } = CREDENTIALS;
  return {
    name: 'kube-apiserver',
    command: [
      join(binaries, 'kube-apiserver'),
      `--etcd-servers=${ETCD_URL}`,
      `--etcd-cafile=${authority}`,
      `--etcd-certfile=${client.certificate}`,
      `--etcd-keyfile=${client.key}`,
      `--bind-address=${NODE_ADDRESS}`,
      `--advertise-address=${NODE_ADDRESS}`,
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
    ],
    ready: () => look(`${API_SERVER_URL}/readyz`, 'token'),
  };
}

export function controllerManager(binaries: string): Component {
  const { authority, serviceAccount } = CREDENTIALS;
  return {
    name: 'kube-controller-manager',
    command: [
      join(binaries, 'kube-controller-manager'),
      `--kubeconfig=${kubeconfigOf('kube-controller-manager')}`,
      ...servingFlags(PORTS.controllerManager),
      '--leader-elect=false',
      '--use-service-account-credentials',
      // At the default 20 a second, the requests that its controllers begin with take five seconds.
      '--kube-api-qps=200',
      '--kube-api-burst=400',
      `--service-account-private-key-file=${serviceAccount.key}`,
      `--root-ca-file=${authority}`,
      '--allocate-node-cidrs',
      `--cluster-cidr=${POD_RANGE}`,
      // Its default lies in /usr/libexec, where this node has no business.
      `--flex-volume-plugin-dir=${join(STATE, 'flex-volume')}`,
    ],
    ready: () => look(`https://${NODE_ADDRESS}:${PORTS.controllerManager}/healthz`),
  };
}

export function scheduler(binaries: string): Component {
  return {
    name: 'kube-scheduler',
    command: [
      join(binaries, 'kube-scheduler'),
      `--kubeconfig=${kubeconfigOf('kube-scheduler')}`,
      ...servingFlags(PORTS.scheduler),
      '--leader-elect=false',
    ],
    ready: () => look(`https://${NODE_ADDRESS}:${PORTS.scheduler}/healthz`),
  };
}

function servingFlags(port: number): string[] {
  const { certificate, key } = CREDENTIALS.server;
  return [
    `--bind-address=${NODE_ADDRESS}`,
    `--secure-port=${port}`,
    `--tls-cert-file=${certificate}`,
    `--tls-private-key-file=${key}`,
  ];
}
