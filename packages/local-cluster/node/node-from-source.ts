/** A cluster of one node or two, built from source, of processes on this machine. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  AddonName,
  Cluster,
  ClusterOptions,
  ClusterProvider,
  FromSource,
  LoadedImage,
} from '../cluster';
import { ClusterError } from '../cluster-error';
import { KUBERNETES, requiredVersion } from '../go-programs';
import { kubectlEnvironment } from '../kubectl';
import { exportImage } from '../local-images';
import { withLock } from '../lock';
import { ensurePrograms } from '../packages';
import { Steps } from '../steps';
import { addonsOf } from './addons/addons';
import { makeRepository } from './addons/git';
import { buildAddons, installAddons } from './addons/install';
import { importImages } from './components/containerd';
import { isThere, removeCluster } from './down';
import { Journal } from './journal';
import { adminKubectl, runKubectl } from './kubectl';
import { LOCK_FILE, type NodeCount, NODES, STATE, STATE_FILE } from './layout';
import { leaveCluster, returnNode, vanishNode } from './membership';
import { readState, type RecordedState } from './state';
import { status } from './status';
import { bringUp, getPrograms, provideImages } from './up';

const STAND_INS = [
  'a pause program built here stands in for registry.k8s.io/pause',
  'a static program that makes and removes folders stands in for the shell image of local-path-provisioner',
  'CoreDNS is built without the plugins for clouds, and kube-router without its router and its service proxy',
] as const;

const LIMITATIONS = [
  'a volume is a folder of this machine: its requested size is not enforced',
  'etcd does not flush to disk: a loss of power may lose objects',
  'a NetworkPolicy does not hold for the first moments of a new Pod: kube-router learns of it once it has an address',
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
 * @param wanted nodes after `up`: as many as there are, and one where there is none, unless it says another number;
 *   addons beside those that are there
 */
export function nodeFromSource(
  wanted: Pick<ClusterOptions, 'nodes' | 'addons'>,
  print: (line: string) => void,
): ClusterProvider {
  return {
    provider: 'node',
    description: describe(wanted.nodes ?? 1),
    up: async () => {
      ensureRootOnLinux();
      const steps = new Steps(print);
      const requested = wanted.addons ?? [];
      const images = await getPrograms([...recorded().addons, ...requested], steps);
      const nodes = await exclusively(async () => {
        const journal = new Journal();
        const count = wanted.nodes ?? journal.nodes;
        if (count < journal.nodes) await leaveCluster(NODES.slice(count), count, journal, steps);
        await bringUp(count, images, journal, steps)
          .then(() => installAddons([...journal.addons, ...requested], journal, steps))
          .catch(explainFailure);
        return count;
      });
      steps.done(`${describe(nodes)} is up`);
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
  const tool = adminKubectl();
  const { nodes, addons: names } = recorded();
  const addons = addonsOf(names).map(([, addon]) => addon);
  return {
    provider: 'node',
    description: describe(nodes),
    kubeconfig: tool.kubeconfig,
    kubectlPath: tool.path,
    env: kubectlEnvironment(tool),
    runNamespace: undefined,
    standIns: [...STAND_INS, ...addons.flatMap(({ standIns = [] }) => standIns)],
    limitations: [
      ...LIMITATIONS,
      ...(nodes === 1 ? [] : LIMITATIONS_OF_TWO),
      ...addons.flatMap(({ limitations = [] }) => limitations),
    ],
    fromSource: fromSource(nodes, print),
    kubectl: runKubectl,
    load: (images) => load(images, nodes, new Steps(print)),
    status: () => status(nodes),
    close: () => Promise.resolve(),
    down: () => nodeFromSource({}, print).down(),
  };
}

function fromSource(nodes: NodeCount, print: (line: string) => void): FromSource {
  const install = async (addon: AddonName): Promise<void> => {
    const steps = new Steps(print);
    const images = await buildAddons([addon], steps);
    await exclusively(async () => {
      for (const node of NODES.slice(0, nodes)) await provideImages(node, images);
      await installAddons([addon], new Journal(), steps);
    });
  };
  return {
    vanish: (name) => exclusively(() => vanishNode(name, new Steps(print))),
    bringBack: async (name) => {
      const steps = new Steps(print);
      const images = await getPrograms(recorded().addons, steps);
      await exclusively(() => returnNode(name, images, new Journal(), steps));
    },
    install,
    gitRepository: async (name) => {
      if (!recorded().addons.includes('git')) await install('git');
      return makeRepository(name);
    },
  };
}

/** What is recorded of the cluster. A record that cannot be understood is said by those who change something. */
function recorded(): Pick<RecordedState, 'nodes' | 'addons'> {
  const none = { nodes: 1, addons: [] } as const;
  try {
    return readState(STATE_FILE) ?? none;
  } catch (error) {
    if (error instanceof ClusterError) return none;
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
