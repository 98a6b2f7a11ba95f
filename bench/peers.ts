/** Programs that do what this repository does, or half of it: at pinned versions, on the same 2,000 objects. */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { provide } from '../commands/test/provide';
import { cacheFolder, kubernetesVersion, run, type Steps } from 'local-cluster';
import { openApiFolder, schemaLocation, writeSchemas } from '../commands/audit/kubeconform-schemas';
import { type Command, medianOutcomes, round, type Row } from './measure';
import { synthesisOfServices } from './scale';

/** Go package of each program, and its version. */
const PEERS = {
  kustomize: ['sigs.k8s.io/kustomize/kustomize/v5', 'v5.8.1'],
  helm: ['helm.sh/helm/v3/cmd/helm', 'v3.19.5'],
  kubeconform: ['github.com/yannh/kubeconform/cmd/kubeconform', 'v0.8.0'],
  'kubectl-validate': ['sigs.k8s.io/kubectl-validate', 'v0.0.4'],
  dyff: ['github.com/homeport/dyff/cmd/dyff', 'v1.12.0'],
} as const;
type Peer = keyof typeof PEERS;

const SERVICES = 1000;
/** Milliseconds: what takes so long waits for something. */
const TIMEOUT = 60_000;
const BUILD_TIMEOUT = 30 * 60_000;

function programOf(peer: Peer): string {
  return join(cacheFolder(), 'peers', `${peer}-${PEERS[peer][1]}`);
}

/** Builds the peers that are not in the cache folder yet, from their modules. */
export async function buildPeers(steps: Steps): Promise<void> {
  await provide(['go'], steps);
  for (const peer of Object.keys(PEERS) as Peer[]) {
    const target = programOf(peer);
    if (existsSync(target)) continue;
    const [path, version] = PEERS[peer];
    await steps.step(`build ${peer} ${version}`, async () => {
      const staging = `${target}.staging-${process.pid}`;
      mkdirSync(staging, { recursive: true });
      try {
        const env = { ...process.env, GOBIN: staging, GOFLAGS: '', CGO_ENABLED: '0' };
        const install = ['go', 'install', '-trimpath', '-ldflags=-s -w'] as const;
        // Outside of a module, whose own requirements would count.
        await run([...install, `${path}@${version}`], {
          cwd: staging,
          env,
          timeout: BUILD_TIMEOUT,
        });
        renameSync(join(staging, peer), target);
      } finally {
        rmSync(staging, { recursive: true, force: true });
      }
    });
  }
}

/** What each peer takes, beside what we take for the same. */
export function peerRows(folder: string): Row[] {
  const manifests = join(folder, 'manifests');
  const synthesis = synthesisOfServices(SERVICES, manifests);
  const [unmeasured] = medianOutcomes(0, synthesis);
  if (unmeasured instanceof Error) throw unmeasured;
  return [
    ...compare('cdk8s, 1,000 charts', synthesis, [
      ['kustomize', 'build', ['build', kustomization(folder, manifests)]],
      ['helm', 'template', ['template', 'services', chart(join(folder, 'chart'))]],
    ]),
    ...compare(
      'kube-verdict check, 2,000 objects',
      { args: ['npx', 'kube-verdict', 'check', manifests] },
      [
        ['kubeconform', '-strict', kubeconform(folder, manifests)],
        ['kubectl-validate', '', kubectlValidate(folder, manifests)],
      ],
    ),
  ];
}

/** The seconds of our command, and those of the peers that are built beside it, in turns. */
export function compare(
  name: string,
  ours: Command,
  peers: readonly (readonly [peer: Peer, words: string, args: readonly string[]])[],
): Row[] {
  const built = peers.filter(([peer]) => existsSync(programOf(peer)));
  const [own = NaN, ...outcomes] = medianOutcomes(
    3,
    ours,
    ...built.map(([peer, , args]): Command => ({
      args: [programOf(peer), ...args],
      // None of them is to ask a cluster.
      env: { KUBECONFIG: '/dev/null' },
      timeout: TIMEOUT,
    })),
  );
  if (own instanceof Error) throw own;
  return [
    { name, measured: `${round(own)} s` },
    ...peers.map(([peer, words]) => {
      const outcome = outcomes[built.findIndex(([name]) => name === peer)];
      const measured =
        outcome === undefined
          ? 'not built: npm run bench -- --peers'
          : outcome instanceof Error
            ? [outcome.reason, ...outcome.output.trim().split('\n')].slice(0, 2).join(': ')
            : `${round(outcome)} s, ${round(outcome / own)} times ours`;
      return { name: `… ${[peer, PEERS[peer][1].slice(1), words].join(' ').trim()}`, measured };
    }),
  ];
}

function kustomization(folder: string, manifests: string): string {
  const resources = readdirSync(manifests).map((file) => `- ${join('manifests', file)}`);
  writeFileSync(join(folder, 'kustomization.yaml'), `resources:\n${resources.join('\n')}\n`);
  return folder;
}

function chart(folder: string): string {
  mkdirSync(join(folder, 'templates'), { recursive: true });
  writeFileSync(join(folder, 'Chart.yaml'), 'apiVersion: v2\nname: services\nversion: 0.1.0\n');
  writeFileSync(join(folder, 'templates', 'services.yaml'), HELM_TEMPLATE);
  return folder;
}

function kubeconform(folder: string, manifests: string): string[] {
  if (!existsSync(programOf('kubeconform'))) return [];
  const schemas = join(folder, 'schemas');
  writeSchemas(join(openApiFolder(kubernetesVersion()), 'swagger.json'), schemas);
  return ['-strict', '-summary', '-schema-location', schemaLocation(schemas), manifests];
}

function kubectlValidate(folder: string, manifests: string): string[] {
  if (!existsSync(programOf('kubectl-validate'))) return [];
  const schemas = join(folder, 'openapi');
  const documents = join(openApiFolder(kubernetesVersion()), 'v3');
  for (const [document, path] of [
    ['api__v1_openapi.json', 'api/v1.json'],
    ['apis__apps__v1_openapi.json', 'apis/apps/v1.json'],
  ] as const) {
    mkdirSync(dirname(join(schemas, path)), { recursive: true });
    copyFileSync(join(documents, document), join(schemas, path));
  }
  // The newest version that it has schemas of itself, which it wants to be named: ours come before.
  return ['--version', '1.30', '--local-schemas', schemas, manifests];
}

const HELM_TEMPLATE = `{{- range $i := until ${SERVICES} }}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: user-service-{{ $i }}, labels: {name: user-service}}
spec:
  replicas: 3
  selector: {matchLabels: {name: user-service}}
  template:
    metadata: {labels: {name: user-service}}
    spec:
      containers:
        - {name: user, image: user, imagePullPolicy: IfNotPresent, ports: [{containerPort: 10086}]}
        - {name: mysql, image: mysql-for-user, imagePullPolicy: IfNotPresent, ports: [{containerPort: 3306}]}
        - {name: redis, image: "redis:5.0", imagePullPolicy: IfNotPresent, ports: [{containerPort: 6379}]}
---
apiVersion: v1
kind: Service
metadata: {name: user-service-{{ $i }}}
spec: {selector: {name: user-service}, ports: [{port: 10086}]}
{{- end }}
`;
