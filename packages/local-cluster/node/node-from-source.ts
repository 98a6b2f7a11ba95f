/** A cluster of one node or two, built from source, of processes on this machine. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cluster, ClusterProvider, LoadedImage } from '../cluster';
import { ClusterError } from '../cluster-error';
import { KUBERNETES, programsFolder, requiredVersion } from '../go-programs';
import { kubectl, kubectlEnvironment, type Kubectl } from '../kubectl';
import { exportImage } from '../local-images';
import { withLock } from '../lock';
import { ensurePrograms } from '../packages';
import { Steps } from '../steps';
import { importImages } from './components/containerd';
import { isThere, removeCluster } from './down';
import { Journal } from './journal';
import { ADMIN_KUBECONFIG, LOCK_FILE, type NodeCount, NODES, STATE, STATE_FILE } from './layout';
import { leaveCluster, returnNode, vanishNode } from './membership';
import { readState } from './state';
import { status } from './status';
import { bringUp, getPrograms } from './up';

const STAND_INS = [
  'a pause program built here stands in for registry.k8s.io/pause',
  'a static program that makes and removes folders stands in for the shell image of local-path-provisioner',
  'CoreDNS is built without the plugins for clouds, and kube-router without its router and its service proxy',
] as const;

const LIMITATIONS = [
  'a volume is a folder of this machine: its requested size is not enforced',
  'etcd does not flush to disk: a loss of power may lose objects',
] as const;
const LIMITATIONS_OF_TWO = [
  'both nodes are of one machine: each reports all of its CPU and memory as its own',
] as const;

const DOING = 'bringing the cluster up or down';

/** The version of Kubernetes that the node from source runs, such as v1.34.10. */
export function kubernetesVersion(): string {
  return requiredVersion(KUBERNETES);
}

/**
 * The node from source as a provider of clusters.
 *
 * @param nodes how many the cluster has after `up`; undefined: as many as it has, and one where there is none
 */
export function nodeFromSource(
  nodes: NodeCount | undefined,
  print: (line: string) => void,
): ClusterProvider {
  return {
    provider: 'node',
    description: describe(nodes ?? 1),
    up: async () => {
      ensureRootOnLinux();
      const steps = new Steps(print);
      const images = await getPrograms(steps);
      const count = await exclusively(async () => {
        const journal = new Journal();
        const wanted = nodes ?? journal.nodes;
        if (wanted < journal.nodes) await leaveCluster(NODES.slice(wanted), wanted, journal, steps);
        await bringUp(wanted, images, journal, steps).catch(explainFailure);
        return wanted;
      });
      steps.done(`${describe(count)} is up`);
      return cluster(print);
    },
    find: () => Promise.resolve(isThere() ? cluster(print) : undefined),
    down: async () => {
      if (!isThere()) {
        print('no node is up: nothing to remove');
        return;
      }
      ensureRootOnLinux();
      const steps = new Steps(print);
      await exclusively(() => removeCluster(steps));
      steps.done('the node and all that it made are removed');
    },
  };
}

function describe(nodes: NodeCount): string {
  return `Kubernetes ${kubernetesVersion()}, ${nodes === 1 ? 'a node' : 'two nodes'} built from source`;
}

function exclusively<T>(work: () => Promise<T>): Promise<T> {
  return withLock(LOCK_FILE, DOING, work);
}

function cluster(print: (line: string) => void): Cluster {
  const tool: Kubectl = {
    path: join(programsFolder(KUBERNETES), 'kubectl'),
    kubeconfig: ADMIN_KUBECONFIG,
  };
  const nodes = recordedNodes();
  return {
    provider: 'node',
    description: describe(nodes),
    kubeconfig: tool.kubeconfig,
    kubectlPath: tool.path,
    env: kubectlEnvironment(tool),
    runNamespace: undefined,
    standIns: STAND_INS,
    limitations: [...LIMITATIONS, ...(nodes === 1 ? [] : LIMITATIONS_OF_TWO)],
    fromSource: {
      vanish: (name) => exclusively(() => vanishNode(name, new Steps(print))),
      bringBack: async (name) => {
        const steps = new Steps(print);
        const images = await getPrograms(steps);
        await exclusively(() => returnNode(name, images, new Journal(), steps));
      },
    },
    kubectl: (args, options) => kubectl(tool, args, options),
    load: (images) => load(images, nodes, new Steps(print)),
    status: () => status(nodes),
    close: () => Promise.resolve(),
    down: () => nodeFromSource(undefined, print).down(),
  };
}

/** A record that cannot be understood is said by those who change something. */
function recordedNodes(): NodeCount {
  try {
    return readState(STATE_FILE)?.nodes ?? 1;
  } catch (error) {
    if (error instanceof ClusterError) return 1;
    throw error;
  }
}

async function load(
  images: readonly string[],
  nodes: NodeCount,
  steps: Steps,
): Promise<LoadedImage[]> {
  await ensurePrograms({ buildah: 'buildah' }, steps);
  const staging = mkdtempSync(join(tmpdir(), 'images-'));
  try {
    const loaded: LoadedImage[] = [];
    for (const image of images) {
      await steps.step(`load ${image}`, async () => {
        const archive = join(staging, 'image.tar');
        const reference = await exportImage(image, archive);
        await Promise.all(
          NODES.slice(0, nodes).map((node) => importImages(node, archive, [reference])),
        );
        rmSync(archive, { force: true });
        loaded.push({ image, reference });
      });
    }
    return loaded;
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
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
