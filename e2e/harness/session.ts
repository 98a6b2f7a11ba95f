/** The cluster for one run: brought up, given the images, and left as it was found. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ClusterError,
  clusterProvider,
  type Cluster,
  type ClusterOptions,
  type Steps,
} from 'local-cluster';
import { NO_IMAGES, provideImages, type LoadedImages } from './images';
import { ROOT } from './root';

/** On each namespace that a run makes, so that one which was interrupted can be told from others' namespaces. */
const LABEL = 'user-service-kubernetes/e2e';
/** Milliseconds for namespaces to go, with the Pods in them. */
const NAMESPACE_TIMEOUT = 3 * 60_000;

export interface Session {
  readonly cluster: Cluster;
  readonly images: LoadedImages;
  /** Folder for files that are made on the way. */
  readonly scratch: string;
  /** Where the lesson's commands that name the namespace `default` run. */
  readonly defaultNamespace: string;
  /** Makes a namespace. @returns its name. */
  makeNamespace(name: string): Promise<string>;
  /** Has a namespace go, and does not wait for it. */
  dropNamespace(name: string): Promise<void>;
  /** Takes back all that the run made; with `keep`, nothing but its files. */
  close(keep: boolean): Promise<void>;
}

export async function openSession(
  options: Pick<ClusterOptions, 'context' | 'registry'> & { readonly withoutImages: boolean },
  steps: Steps,
  print: (line: string) => void,
): Promise<Session> {
  const { withoutImages, ...clusterOptions } = options;
  const source = await clusterProvider({ ...clusterOptions, print });
  const found = await source.find();
  const cluster = await source.up().catch(async (error: unknown) => {
    if (found === undefined) await source.down();
    throw error;
  });
  // A context's `find` made files of its own; those of the opened cluster are what is used from here on.
  await found?.close();
  const mayGo = found === undefined && cluster.provider !== 'context';
  const scratch = mkdtempSync(join(tmpdir(), 'e2e-'));
  const close = async (keep: boolean): Promise<void> => {
    rmSync(scratch, { recursive: true, force: true });
    if (keep) {
      tellHowToLook(cluster, print);
      return;
    }
    if (mayGo) {
      await cluster.close();
      await cluster.down();
      return;
    }
    await removeNamespaces(cluster, steps);
    await cluster.close();
  };
  try {
    await removeNamespaces(cluster, steps);
    const images = withoutImages
      ? NO_IMAGES
      : await provideImages(ROOT, cluster, options.registry, steps);
    const prefix = cluster.runNamespace ?? 'e2e';
    return {
      cluster,
      images,
      scratch,
      defaultNamespace: cluster.runNamespace ?? 'default',
      makeNamespace: async (name) => {
        const namespace = `${prefix}-${name}`;
        await cluster.kubectl(['create', '--filename=-'], {
          input: JSON.stringify({
            apiVersion: 'v1',
            kind: 'Namespace',
            metadata: { name: namespace, labels: { [LABEL]: prefix } },
          }),
        });
        return namespace;
      },
      dropNamespace: async (name) => {
        await cluster.kubectl(['delete', 'namespace', name, '--wait=false']);
      },
      close,
    };
  } catch (error) {
    await close(false);
    throw error;
  }
}

/** Also those that an interrupted or kept run left: they would stand in the way of this one. */
async function removeNamespaces(cluster: Cluster, steps: Steps): Promise<void> {
  const prefix = cluster.runNamespace ?? 'e2e';
  const selector = `--selector=${LABEL}=${prefix}`;
  const { stdout } = await cluster.kubectl(['get', 'namespaces', selector, '--output=name']);
  if (stdout.trim() === '') return;
  await steps.step('remove the namespaces of a run', () =>
    cluster.kubectl(['delete', 'namespaces', selector], { timeout: NAMESPACE_TIMEOUT }),
  );
}

/** @throws {ClusterError} where somebody's own Pod or Deployment is in the way of the lesson's. */
export async function refuseForeignObjects({ cluster, defaultNamespace }: Session): Promise<void> {
  const command = ['get', 'pods,deployments', `--namespace=${defaultNamespace}`, '--output=name'];
  const { stdout } = await cluster.kubectl([...command, '--selector=name=user-service']);
  const names = stdout.trim().split('\n').filter(Boolean);
  if (names.length === 0) return;
  throw new ClusterError(
    `the namespace ${defaultNamespace} must hold no Pod or Deployment labelled name=user-service; it has ` +
      `${names.join(', ')}; remove them: kubectl delete --namespace=${defaultNamespace} ${names.join(' ')}`,
  );
}

function tellHowToLook({ provider, kubeconfig }: Cluster, print: (line: string) => void): void {
  print('');
  print(`kept: export KUBECONFIG=${kubeconfig}; kubectl get pods --all-namespaces`);
  if (provider !== 'context') print('      npm run cluster -- down removes it all');
}
