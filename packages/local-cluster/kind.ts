/** A cluster of kind (https://kind.sigs.k8s.io), for machines with Docker. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, succeeds } from './run';
import type { Cluster, ClusterOptions, ClusterProvider, LoadedImage } from './cluster';
import { ClusterError } from './cluster-error';
import { kubectl, kubectlEnvironment, type Kubectl } from './kubectl';
import { dockerHas, exportImage } from './local-images';
import { normalizeImageName } from './image-name';
import { status } from './named-context';
import { Steps } from './steps';

const NAME = 'user-service-kubernetes';
const CREATE_TIMEOUT = 10 * 60_000;
const DELETE_TIMEOUT = 5 * 60_000;
const LOAD_TIMEOUT = 10 * 60_000;

/** True when Docker answers and kind is installed. */
export async function kindWorks(): Promise<boolean> {
  return (await succeeds(['docker', 'info'])) && (await succeeds(['kind', 'version']));
}

/** @throws {ClusterError} where addons are wanted: they are for the node from source. */
export function kindCluster(
  { nodes, addons }: Pick<ClusterOptions, 'nodes' | 'addons'>,
  print: (line: string) => void,
): ClusterProvider {
  if (addons !== undefined) {
    throw new ClusterError(
      `only a node from source has addons, and not kind, got ${addons.join(', ')}; choose --provider node`,
    );
  }
  return {
    provider: 'kind',
    description: `a kind cluster named ${NAME}`,
    up: async () => {
      const steps = new Steps(print);
      if (await exists()) await ensureCount(nodes);
      else await steps.step('create the kind cluster', () => create(nodes ?? 1));
      return open(print);
    },
    find: async () => ((await exists()) ? open(print) : undefined),
    down: async () => {
      if (!(await exists())) {
        print(`no kind cluster named ${NAME}: nothing to remove`);
        return;
      }
      await new Steps(print).step('remove the kind cluster', async () => {
        await withFolder(async (folder) => {
          const flags = ['--name', NAME, '--kubeconfig', join(folder, 'kubeconfig')];
          await run(['kind', 'delete', 'cluster', ...flags], { timeout: DELETE_TIMEOUT });
        });
      });
    },
  };
}

async function create(nodes: 1 | 2): Promise<void> {
  // Beside a worker the control plane takes no Pods, unless it is told to.
  const patch = 'kind: InitConfiguration\nnodeRegistration:\n  taints: []\n';
  const worker = nodes === 2 ? [{ role: 'worker' }] : [];
  const config = {
    kind: 'Cluster',
    apiVersion: 'kind.x-k8s.io/v1alpha4',
    nodes: [{ role: 'control-plane', kubeadmConfigPatches: [patch] }, ...worker],
  };
  // Its kubeconfig goes nowhere: the caller's own is left as it is.
  await withFolder(async (folder) => {
    const flags = ['--name', NAME, '--wait', '180s', '--kubeconfig', join(folder, 'kubeconfig')];
    await run(['kind', 'create', 'cluster', ...flags, '--config', '-'], {
      input: JSON.stringify(config),
      timeout: CREATE_TIMEOUT,
    });
  });
}

/** @throws {ClusterError} where the cluster has another number of nodes, which kind cannot change. */
async function ensureCount(nodes: 1 | 2 | undefined): Promise<void> {
  const { stdout } = await run(['kind', 'get', 'nodes', '--name', NAME]);
  const count = stdout.split('\n').filter(Boolean).length;
  if (nodes === undefined || nodes === count) return;
  throw new ClusterError(
    `the kind cluster ${NAME} has ${count} ${count === 1 ? 'node' : 'nodes'}, not ${nodes}, and kind cannot change that; ` +
      'npm run cluster -- down first',
  );
}

async function exists(): Promise<boolean> {
  const { stdout } = await run(['kind', 'get', 'clusters']);
  return stdout.split('\n').includes(NAME);
}

async function open(print: (line: string) => void): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), 'cluster-'));
  const tool: Kubectl = { path: 'kubectl', kubeconfig: join(folder, 'kubeconfig') };
  const { stdout } = await run(['kind', 'get', 'kubeconfig', '--name', NAME]);
  writeFileSync(tool.kubeconfig, stdout, { mode: 0o600 });
  const answer = await kubectl(tool, ['version', '--output=json', '--request-timeout=20s']);
  const { serverVersion } = JSON.parse(answer.stdout) as { serverVersion: { gitVersion: string } };
  return {
    provider: 'kind',
    description: `Kubernetes ${serverVersion.gitVersion}, a kind cluster named ${NAME}`,
    kubeconfig: tool.kubeconfig,
    kubectlPath: tool.path,
    env: kubectlEnvironment(tool),
    runNamespace: undefined,
    standIns: [],
    limitations: [],
    kubectl: (args, options) => kubectl(tool, args, options),
    load: (images) => load(images, new Steps(print)),
    status: () => status(tool, serverVersion.gitVersion),
    close: () => {
      rmSync(folder, { recursive: true, force: true });
      return Promise.resolve();
    },
    down: () => kindCluster({}, print).down(),
  };
}

async function load(images: readonly string[], steps: Steps): Promise<LoadedImage[]> {
  const loaded: LoadedImage[] = [];
  for (const image of images) {
    await steps.step(`load ${image}`, async () => {
      loaded.push({ image, reference: await loadOne(image) });
    });
  }
  return loaded;
}

async function loadOne(image: string): Promise<string> {
  if (await dockerHas(image)) {
    await run(['kind', 'load', 'docker-image', image, '--name', NAME], { timeout: LOAD_TIMEOUT });
    return normalizeImageName(image);
  }
  return withFolder(async (folder) => {
    const archive = join(folder, 'image.tar');
    const reference = await exportImage(image, archive);
    await run(['kind', 'load', 'image-archive', archive, '--name', NAME], {
      timeout: LOAD_TIMEOUT,
    });
    return reference;
  });
}

async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'kind-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
