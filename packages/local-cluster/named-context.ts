/** A cluster that a context of the caller's kubeconfig names: used, never made or removed. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './run';
import type { Cluster, ClusterProvider, ComponentStatus, LoadedImage } from './cluster';
import { kubectl, kubectlEnvironment, type Kubectl } from './kubectl';
import { pushImage } from './local-images';
import { ClusterError } from './cluster-error';
import { Steps } from './steps';

const KUBECTL = 'kubectl';
/** Milliseconds that a namespace has to go, with the Pods in it. */
const NAMESPACE_TIMEOUT = 5 * 60_000;

/** @param registry where images go, as host[:port][/path]; undefined when there is none. */
export function namedContext(
  context: string,
  registry: string | undefined,
  print: (line: string) => void,
): ClusterProvider {
  const description = `the cluster of context ${context}`;
  const open = async (): Promise<OpenContext> => {
    const folder = mkdtempSync(join(tmpdir(), 'cluster-'));
    try {
      return await openContext(context, description, registry, folder, print);
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  };
  return {
    provider: 'context',
    description,
    up: async () => {
      const opened = await open();
      try {
        await opened.makeNamespace();
        return opened.cluster;
      } catch (error) {
        await opened.cluster.close();
        throw error;
      }
    },
    find: async () => (await open()).cluster,
    down: () =>
      Promise.reject(
        new ClusterError(
          `down removes only what up made, and ${description} was there before; remove it by its own means`,
        ),
      ),
  };
}

interface OpenContext {
  readonly cluster: Cluster;
  makeNamespace(): Promise<void>;
}

async function openContext(
  context: string,
  description: string,
  registry: string | undefined,
  folder: string,
  print: (line: string) => void,
): Promise<OpenContext> {
  const runNamespace = `user-service-${randomBytes(4).toString('hex')}`;
  const tool: Kubectl = { path: KUBECTL, kubeconfig: join(folder, 'kubeconfig') };
  // A kubeconfig of this context alone: whatever else the caller's holds is out of reach from here on.
  const select = ['config', 'view', '--raw', '--flatten', '--minify', `--context=${context}`];
  writeFileSync(tool.kubeconfig, (await run([KUBECTL, ...select])).stdout, { mode: 0o600 });
  await kubectl(tool, ['config', 'set-context', '--current', `--namespace=${runNamespace}`]);
  const version = await serverVersion(tool);
  let made = false;
  const makeNamespace = async (): Promise<void> => {
    made = true;
    await kubectl(tool, ['create', 'namespace', runNamespace]);
  };
  const close = async (): Promise<void> => {
    if (made) await removeNamespace(tool, runNamespace);
    rmSync(folder, { recursive: true, force: true });
  };
  const cluster: Cluster = {
    provider: 'context',
    description: `Kubernetes ${version}, ${description}`,
    kubeconfig: tool.kubeconfig,
    kubectlPath: KUBECTL,
    env: kubectlEnvironment(tool),
    runNamespace,
    standIns: [],
    limitations: [],
    kubectl: (args, options) => kubectl(tool, args, options),
    load: (images) => push(images, description, registry, new Steps(print)),
    status: () => status(tool, version),
    close,
    down: () => namedContext(context, registry, print).down(),
  };
  return { cluster, makeNamespace };
}

async function removeNamespace(tool: Kubectl, name: string): Promise<void> {
  await kubectl(tool, ['delete', 'namespace', name, '--ignore-not-found'], {
    timeout: NAMESPACE_TIMEOUT,
  });
}

async function push(
  images: readonly string[],
  description: string,
  registry: string | undefined,
  steps: Steps,
): Promise<LoadedImage[]> {
  if (registry === undefined) {
    throw new ClusterError(
      `images cannot be put into ${description} directly; ` +
        'name a registry that it pulls from with --registry HOST[:PORT][/PATH]',
    );
  }
  const loaded: LoadedImage[] = [];
  for (const image of images) {
    const reference = await steps.step(`push ${image} to ${registry}`, () =>
      pushImage(image, registry),
    );
    loaded.push({ image, reference });
  }
  return loaded;
}

async function serverVersion(tool: Kubectl): Promise<string> {
  const { stdout } = await kubectl(tool, ['version', '--output=json', '--request-timeout=20s']);
  const { serverVersion } = JSON.parse(stdout) as { serverVersion?: { gitVersion?: string } };
  if (serverVersion?.gitVersion === undefined)
    throw new ClusterError(`the server told no version: ${stdout}`);
  return serverVersion.gitVersion;
}

/** The API server, and each node's Ready condition. */
export async function status(tool: Kubectl, version: string): Promise<ComponentStatus[]> {
  const ready = '{.status.conditions[?(@.type=="Ready")].status}';
  const lines = `{range .items[*]}{.metadata.name} ${ready}{"\\n"}{end}`;
  // Who may use one namespace need not see the nodes.
  const { stdout } = await kubectl(tool, ['get', 'nodes', `--output=jsonpath=${lines}`], {
    allowFailure: true,
  });
  const nodes = stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split(' '));
  return [
    { name: 'API server', healthy: true, detail: version },
    ...nodes.map(([name = '', condition = '']) => ({
      name: `node ${name}`,
      healthy: condition === 'True',
      detail: `Ready=${condition}`,
    })),
  ];
}
