/** A Kubernetes cluster to try things on: a node built from source, kind, or one that a kubeconfig context names. */
export type {
  Cluster,
  ClusterOptions,
  ClusterProvider,
  ComponentStatus,
  LoadedImage,
  ProviderName,
} from './cluster';
export { ClusterError } from './cluster-error';
export { clusterProvider, openCluster } from './cluster-provider';
export { kubernetesVersion } from './node/node-from-source';

// What those who use a cluster need beside it: images by Kubernetes' names, other programs, waiting, one at a time.
export { normalizeImageName } from './image-name';
export {
  ensurePrograms,
  findProgram,
  installCommand,
  installPackages,
  NODE_PROGRAMS,
  whyNotInstall,
} from './packages';
export { identify } from './process-identity';
export { CommandFailure, run, succeeds, type Completed, type RunOptions } from './run';
export { poll, type PollOptions, type Polled } from './poll';
export { Steps } from './steps';
export { cacheFolder } from './cache-folder';
export { withLock } from './lock';
