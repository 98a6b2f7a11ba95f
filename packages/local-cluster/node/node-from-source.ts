/** A cluster of one node, built from source, of processes on this machine. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cluster, ClusterProvider, ComponentStatus, LoadedImage } from '../cluster';
import { kubectl, kubectlEnvironment, type Kubectl } from '../kubectl';
import { exportImage } from '../local-images';
import { ClusterError } from '../cluster-error';
import { Steps } from '../steps';
import { nodeComponents, programFolders } from './components';
import { KUBERNETES, requiredVersion, programsFolder } from '../go-programs';
import { importImage } from './containerd';
import { ADMIN_KUBECONFIG, LOCK_FILE, STATE, STATE_FILE } from './layout';
import { withLock } from '../lock';
import { ensurePrograms } from '../packages';
import { isRunning } from '../process-identity';
import { isThere, removeNode } from './down';
import { getPrograms, startNode } from './up';
import { readState } from './state';

const STAND_INS = [
  'a pause program built here stands in for registry.k8s.io/pause',
  'a static program that makes and removes folders stands in for the shell image of local-path-provisioner',
] as const;

const LIMITATIONS = [
  'NetworkPolicy objects are accepted and not enforced: the Pods share a bridge',
  'a volume is a folder of this machine: its requested size is not enforced',
  'etcd does not flush to disk: a loss of power may lose objects',
] as const;

const DOING = 'bringing the node up or down';

/** The version of Kubernetes that the node from source runs, such as v1.34.10. */
export function kubernetesVersion(): string {
  return requiredVersion(KUBERNETES);
}

/** The node from source as a provider of clusters. */
export function nodeFromSource(print: (line: string) => void): ClusterProvider {
  const description = `Kubernetes ${kubernetesVersion()}, a node built from source`;
  return {
    provider: 'node',
    description,
    up: async () => {
      ensureRootOnLinux();
      const steps = new Steps(print);
      const programs = await getPrograms(steps);
      await withLock(LOCK_FILE, DOING, () => startNode(programs, tool(), steps)).catch(
        explainFailure,
      );
      steps.done(`${description} is up`);
      return cluster(description, print);
    },
    find: () => Promise.resolve(isThere() ? cluster(description, print) : undefined),
    down: async () => {
      if (!isThere()) {
        print('no node is up: nothing to remove');
        return;
      }
      ensureRootOnLinux();
      const steps = new Steps(print);
      await withLock(LOCK_FILE, DOING, () => removeNode(steps));
      steps.done('the node and all that it made are removed');
    },
  };
}

function tool(): Kubectl {
  return { path: join(programsFolder(KUBERNETES), 'kubectl'), kubeconfig: ADMIN_KUBECONFIG };
}

function cluster(description: string, print: (line: string) => void): Cluster {
  const kubectlTool = tool();
  return {
    provider: 'node',
    description,
    kubeconfig: kubectlTool.kubeconfig,
    kubectlPath: kubectlTool.path,
    env: kubectlEnvironment(kubectlTool),
    runNamespace: undefined,
    standIns: STAND_INS,
    limitations: LIMITATIONS,
    kubectl: (args, options) => kubectl(kubectlTool, args, options),
    load: (images) => load(images, new Steps(print)),
    status,
    close: () => Promise.resolve(),
    down: () => nodeFromSource(print).down(),
  };
}

async function load(images: readonly string[], steps: Steps): Promise<LoadedImage[]> {
  await ensurePrograms({ buildah: 'buildah' }, steps);
  const staging = mkdtempSync(join(tmpdir(), 'images-'));
  try {
    const loaded: LoadedImage[] = [];
    for (const image of images) {
      await steps.step(`load ${image}`, async () => {
        const archive = join(staging, 'image.tar');
        const reference = await exportImage(image, archive);
        await importImage(archive, reference);
        rmSync(archive, { force: true });
        loaded.push({ image, reference });
      });
    }
    return loaded;
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

function status(): Promise<ComponentStatus[]> {
  const recorded = readState(STATE_FILE)?.processes ?? {};
  const statuses = Object.values(nodeComponents(programFolders())).map(async ({ name, ready }) => {
    const identity = recorded[name];
    if (identity === undefined) return { name, healthy: false, detail: 'never started' };
    if (!isRunning(identity))
      return { name, healthy: false, detail: `process ${identity.pid} has ended` };
    const lastSeen = await ready();
    return {
      name,
      healthy: lastSeen === undefined,
      detail: `process ${identity.pid}${lastSeen === undefined ? '' : `: ${lastSeen}`}`,
    };
  });
  return Promise.all(statuses);
}

/** Half a node is left standing, because its logs say why it is but half. */
function explainFailure(error: unknown): never {
  if (!(error instanceof ClusterError) || !isThere()) throw error;
  throw new ClusterError(
    `${error.message}\nWhat runs is left as it is: up goes on from here, and down removes it.`,
    { cause: error },
  );
}

function ensureRootOnLinux(): void {
  const alternative = 'or use kind, or name a cluster with --context';
  if (process.platform !== 'linux') {
    throw new ClusterError(
      `a node from source needs Linux, and this is ${process.platform}; ${alternative}`,
    );
  }
  if (process.getuid?.() !== 0) {
    throw new ClusterError(
      `a node from source needs root (it writes ${STATE} and makes a network); use sudo, ${alternative}`,
    );
  }
}
