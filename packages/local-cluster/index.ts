/** A Kubernetes cluster to try things on: a node built from source, kind, or one that a kubeconfig context names. */
export type {
  AddonName,
  Cluster,
  ClusterOptions,
  ClusterProvider,
  ComponentStatus,
  FromSource,
  GitRepository,
  LoadedImage,
  ProviderName,
} from './cluster';
export { ADDON_NAMES } from './cluster';
export { ClusterError } from './cluster-error';
export { clusterProvider, openCluster } from './cluster-provider';
export { buildProgram, type ProgramName } from './go-programs';
export { kubernetesVersion } from './node/node-from-source';

// What those who use a cluster need beside it: images by Kubernetes' names, other programs, waiting, one at a time.
export { cacheFolder } from './cache-folder';
export { normalizeImageName } from './image-name';
export { withLock } from './lock';
export {
  findProgram,
  installCommand,
  installPackages,
  NODE_PROGRAMS,
  whyNotInstall,
} from './packages';
export { poll, type Polled, type PollOptions } from './poll';
export { identify, type ProcessIdentity } from './process-identity';
export {
  CommandFailure,
  interruptRuns,
  run,
  succeeds,
  type Completed,
  type RunOptions,
} from './run';
export { Steps } from './steps';
