/** What a cluster is to those who use one, whichever way it was come by. */
import type { Completed, RunOptions } from './run';

/** Built from source on this machine, kind's, or one that a kubeconfig context names. */
export type ProviderName = 'node' | 'kind' | 'context';

export interface LoadedImage {
  /** As it was asked for. */
  readonly image: string;
  /** The name by which a Pod of this cluster gets it: the normalised name, or the one in the registry. */
  readonly reference: string;
}

export interface ComponentStatus {
  readonly name: string;
  readonly healthy: boolean;
  /** What was seen: the process id, the reason why it is not healthy. */
  readonly detail: string;
}

export interface Cluster {
  readonly provider: ProviderName;
  /** What it is, in words that a report can show. */
  readonly description: string;
  /** Absolute path of a kubeconfig (mode 0600) whose current context is this cluster and no other. */
  readonly kubeconfig: string;
  /** Path or name of the kubectl that suits this cluster. */
  readonly kubectlPath: string;
  /**
   * This process's environment with KUBECONFIG set to {@link kubeconfig} and PATH beginning with the folder of
   * {@link kubectlPath}: for programs that call kubectl themselves.
   */
  readonly env: NodeJS.ProcessEnv;
  /** The namespace made for this run on a named context; undefined where the cluster is ours as a whole. */
  readonly runNamespace: string | undefined;
  /** One sentence for each thing that stands in for another: shown wherever a result rests on it. */
  readonly standIns: readonly string[];
  /** One sentence for each thing that this cluster accepts and does not do. */
  readonly limitations: readonly string[];
  /** What only a cluster built from source can do; undefined of every other. */
  readonly fromSource?: FromSource;

  /**
   * Runs kubectl against this cluster (in {@link runNamespace}, unless `args` name another).
   *
   * @throws {CommandFailure} unless it ends with 0 or `allowFailure` is set.
   */
  kubectl(args: readonly string[], options?: RunOptions): Promise<Completed>;
  /** Makes images of this machine's own storage (podman, buildah or Docker) available to Pods. */
  load(images: readonly string[]): Promise<readonly LoadedImage[]>;
  /** Asks every component now. */
  status(): Promise<readonly ComponentStatus[]>;
  /** Gives back what opening it took: the run's namespace. The cluster itself stays up. */
  close(): Promise<void>;
  /** Removes the cluster and all that was made for it; refused where it was not made here. */
  down(): Promise<void>;
}

/** What a cluster built from source has beside Kubernetes, on request: each is built when it is first asked for. */
export const ADDON_NAMES = ['flux', 'gateway-api', 'git', 'prometheus'] as const;
export type AddonName = (typeof ADDON_NAMES)[number];

/** A Git repository of this machine that Pods can read. */
export interface GitRepository {
  /** Absolute path of the bare repository: push there. */
  readonly folder: string;
  /** Where Pods, and this machine, clone it. */
  readonly url: string;
}

/** The nodes of a cluster built from source are processes of this machine, which can be ended and started. */
export interface FromSource {
  /**
   * Has a node vanish as a machine does that loses its power: its link is cut, then its processes are killed, those of
   * its Pods among them. `up` brings it back as well.
   *
   * @throws {ClusterError} for the first node, which runs the control plane, or where there is no such node.
   */
  vanish(node: string): Promise<void>;
  /** Brings a node back that vanished, and waits until it is Ready. One that is there is left as it is. */
  bringBack(node: string): Promise<void>;
  /** Adds something to the cluster, and waits until it is ready. What is there is brought up to date. */
  install(addon: AddonName): Promise<void>;
  /** Makes a Git repository, empty and with the branch `main`, unless it is there; installs the addon `git`. */
  gitRepository(name: string): Promise<GitRepository>;
}

/** One way to come by a cluster. */
export interface ClusterProvider {
  readonly provider: ProviderName;
  readonly description: string;
  /** Makes the cluster, or what is missing of it; one that is up is left as it is. */
  up(): Promise<Cluster>;
  /** The cluster as it stands, healthy or not; undefined when there is none. */
  find(): Promise<Cluster | undefined>;
  /** Removes the cluster; nothing there is no error. @throws {ClusterError} where it was not made here. */
  down(): Promise<void>;
}

export interface ClusterOptions {
  /** Name of a kubeconfig context to use. @default none: a cluster of this machine's own */
  readonly context?: string;
  /** Where images go that a named context cannot be given otherwise, as host[:port][/path]. @default none */
  readonly registry?: string;
  /** Which cluster of this machine's own. @default kind where Docker and kind work, else the node from source */
  readonly provider?: 'node' | 'kind';
  /** How many nodes a cluster of this machine's own has after `up`. @default as many as it has, and 1 for a new one */
  readonly nodes?: 1 | 2;
  /** What a cluster built from source has beside Kubernetes. @default what it has, and nothing for a new one */
  readonly addons?: readonly AddonName[];
  /** Receives the steps, one line at a time. @default console.log */
  readonly print?: (line: string) => void;
}
