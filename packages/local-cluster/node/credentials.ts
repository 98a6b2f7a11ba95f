/** Certificates, tokens and kubeconfigs of the node: made once, readable by root alone. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { ClusterError } from '../cluster-error';
import { run } from '../run';
import {
  ADMIN_KUBECONFIG,
  API_SERVER_URL,
  API_SERVICE_ADDRESS,
  FIRST_NODE,
  NODES,
  PKI,
  SECOND_NODE,
} from './layout';

const DAYS = '3650';
const CURVE = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'] as const;

/** Who calls the API server, and as whom: user and groups of its static token file. */
const CALLERS = {
  admin: { user: 'admin', groups: ['system:masters'] },
  'kube-controller-manager': { user: 'system:kube-controller-manager', groups: [] },
  'kube-scheduler': { user: 'system:kube-scheduler', groups: [] },
  kubelet: { user: `system:node:${FIRST_NODE.name}`, groups: ['system:nodes'] },
  'kubelet-2': { user: `system:node:${SECOND_NODE.name}`, groups: ['system:nodes'] },
  'kube-proxy': { user: 'system:kube-proxy', groups: [] },
  'kube-router': { user: 'system:kube-router', groups: [] },
  'metrics-server': { user: 'system:metrics-server', groups: [] },
  'local-path-provisioner': { user: 'system:local-path-provisioner', groups: [] },
} as const satisfies Record<string, { user: string; groups: readonly string[] }>;

export type Caller = keyof typeof CALLERS;
const CALLER_NAMES = Object.keys(CALLERS) as Caller[];

/** Whom the API server is when it calls kubelet, or passes a request on to an aggregated API. */
export const API_SERVER_CLIENT = 'kube-apiserver-client';
/** An aggregated API's name in its certificate. */
export const METRICS_SERVER_NAME = 'metrics-server.kube-system.svc';

export const CREDENTIALS = {
  authority: join(PKI, 'ca.crt'),
  /** Of every server on every node: etcd, API server, controller manager, scheduler, kubelet, metrics-server. */
  server: { certificate: join(PKI, 'server.crt'), key: join(PKI, 'server.key') },
  /** Of the API server as a client of etcd, of kubelet and of aggregated APIs. */
  client: { certificate: join(PKI, 'client.crt'), key: join(PKI, 'client.key') },
  serviceAccount: {
    publicKey: join(PKI, 'service-account.pub'),
    key: join(PKI, 'service-account.key'),
  },
  tokens: join(PKI, 'tokens.csv'),
} as const;

/** The kubeconfig of a caller. */
export function kubeconfigOf(caller: Caller): string {
  return caller === 'admin' ? ADMIN_KUBECONFIG : join(FIRST_NODE.config, `${caller}.kubeconfig`);
}

/** How a server of Kubernetes is told its address and its certificate. */
export function servingFlags(port: number): string[] {
  const { certificate, key } = CREDENTIALS.server;
  return [
    `--bind-address=${FIRST_NODE.address}`,
    `--secure-port=${port}`,
    `--tls-cert-file=${certificate}`,
    `--tls-private-key-file=${key}`,
  ];
}

/** Makes the credentials unless they are there; a folder half made is never taken for one. */
export async function makeCredentials(): Promise<void> {
  if (!existsSync(PKI)) {
    const staging = `${PKI}.staging`;
    rmSync(staging, { recursive: true, force: true });
    mkdirSync(staging, { recursive: true, mode: 0o700 });
    await makeAuthority(staging);
    await Promise.all([makeServer(staging), makeClient(staging), makeServiceAccountKeys(staging)]);
    makeTokens(staging);
    renameSync(staging, PKI);
  }
  mkdirSync(FIRST_NODE.config, { recursive: true, mode: 0o700 });
  for (const caller of CALLER_NAMES) {
    writeFileSync(kubeconfigOf(caller), kubeconfig(caller), { mode: 0o600 });
  }
}

/** The bearer token of the administrator, for probes of the API server. */
export function adminToken(): string {
  return tokenOf('admin');
}

async function makeAuthority(folder: string): Promise<void> {
  const files = ['-keyout', join(folder, 'ca.key'), '-out', join(folder, 'ca.crt')];
  await openssl(
    'req',
    '-x509',
    ...CURVE,
    '-days',
    DAYS,
    '-subj',
    '/CN=user-service-kubernetes',
    ...files,
  );
}

async function makeServer(folder: string): Promise<void> {
  const names = [
    'kubernetes',
    'kubernetes.default',
    'kubernetes.default.svc',
    'kubernetes.default.svc.cluster.local',
    METRICS_SERVER_NAME,
  ];
  const addresses = [...NODES.map(({ address }) => address), API_SERVICE_ADDRESS];
  const alternatives = [
    ...names.map((name) => `DNS:${name}`),
    ...addresses.map((address) => `IP:${address}`),
  ];
  // Both usages: etcd's peer port, and its own gateway, use the server's certificate as a client too.
  const usage = 'extendedKeyUsage=serverAuth,clientAuth';
  await makeCertificate(
    folder,
    'server',
    '/CN=kube-apiserver',
    `subjectAltName=${alternatives.join(',')}\n${usage}`,
  );
}

async function makeClient(folder: string): Promise<void> {
  await makeCertificate(
    folder,
    'client',
    `/CN=${API_SERVER_CLIENT}`,
    'extendedKeyUsage=clientAuth',
  );
}

async function makeCertificate(
  folder: string,
  name: string,
  subject: string,
  extensions: string,
): Promise<void> {
  const [key, request, certificate] = ['key', 'csr', 'crt'].map((kind) =>
    join(folder, `${name}.${kind}`),
  ) as [string, string, string];
  await openssl('req', ...CURVE, '-subj', subject, '-keyout', key, '-out', request);
  const extensionFile = join(folder, `${name}.ext`);
  writeFileSync(extensionFile, extensions);
  const authority = ['-CA', join(folder, 'ca.crt'), '-CAkey', join(folder, 'ca.key')];
  const serial = ['-set_serial', `0x${randomBytes(16).toString('hex')}`];
  const files = ['-in', request, '-out', certificate, '-extfile', extensionFile];
  await openssl('x509', '-req', ...authority, ...serial, '-days', DAYS, ...files);
  for (const file of [request, extensionFile]) rmSync(file);
}

async function makeServiceAccountKeys(folder: string): Promise<void> {
  const key = join(folder, 'service-account.key');
  await openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', key);
  await openssl('ec', '-in', key, '-pubout', '-out', join(folder, 'service-account.pub'));
}

/** Static token file: token,user,uid,"group,…" (Kubernetes documentation, "Authenticating"). */
function makeTokens(folder: string): void {
  const lines = CALLER_NAMES.map((caller) => {
    const { user, groups } = CALLERS[caller];
    return `${randomBytes(32).toString('hex')},${user},${caller},"${groups.join(',')}"\n`;
  });
  writeFileSync(join(folder, 'tokens.csv'), lines.join(''), { mode: 0o600 });
}

function tokenOf(caller: Caller): string {
  const line = readFileSync(CREDENTIALS.tokens, 'utf8')
    .split('\n')
    .find((each) => each.split(',')[2] === caller);
  const token = line?.split(',')[0];
  if (token === undefined) {
    throw new ClusterError(
      `${CREDENTIALS.tokens} has no token of ${caller}: the cluster is of another version; npm run cluster -- down first`,
    );
  }
  return token;
}

function kubeconfig(caller: Caller): string {
  const name = FIRST_NODE.name;
  const authority = readFileSync(CREDENTIALS.authority).toString('base64');
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name, cluster: { server: API_SERVER_URL, 'certificate-authority-data': authority } },
    ],
    users: [{ name: caller, user: { token: tokenOf(caller) } }],
    contexts: [{ name, context: { cluster: name, user: caller } }],
    'current-context': name,
  });
}

async function openssl(...args: readonly string[]): Promise<void> {
  // openssl writes keys with mode 0600 by itself; the folder is closed to others as well.
  await run(['openssl', ...args]);
}
