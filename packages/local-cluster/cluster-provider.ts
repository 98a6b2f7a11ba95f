/** Which cluster is meant, and opening it. */
import type { Cluster, ClusterOptions, ClusterProvider } from './cluster';
import { ClusterError } from './cluster-error';
import { kindCluster, kindWorks } from './kind';
import { namedContext } from './named-context';
import { nodeFromSource } from './node/node-from-source';
import { isThere } from './node/down';

/**
 * The cluster that the options mean: the named context; else the one of this machine that is up; else kind, where
 * Docker and kind work; else the node from source. A kubeconfig that is not named by a context is never read.
 */
export async function clusterProvider(
  options: ClusterOptions = {},
  env = process.env,
): Promise<ClusterProvider> {
  const print =
    options.print ??
    ((line: string) => {
      console.log(line);
    });
  // An empty variable is an unset one, as in a CI job's settings.
  const context = options.context ?? (env.E2E_CONTEXT === '' ? undefined : env.E2E_CONTEXT);
  if (context !== undefined) {
    if (options.nodes !== undefined || options.addons !== undefined)
      throw new ClusterError(
        `nodes and addons can be asked of a cluster of this machine, and ${context} names another; leave them out`,
      );
    return namedContext(context, options.registry, print);
  }
  const provider = options.provider ?? (!isThere() && (await kindWorks()) ? 'kind' : 'node');
  return provider === 'kind' ? kindCluster(options, print) : nodeFromSource(options, print);
}

/** Brings the cluster up unless it is, and opens it. Whoever opens a cluster closes it. */
export async function openCluster(options: ClusterOptions = {}): Promise<Cluster> {
  return (await clusterProvider(options)).up();
}
