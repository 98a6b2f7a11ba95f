/** What a cluster has beside Kubernetes, on request. */
import type { GoModule } from '../../go-programs';
import type { DeploymentName } from '../readiness';
import type { Component } from '../supervision';

export interface Addon {
  /** Built first, and given to every node: the programs that its Pods run. */
  readonly images?: readonly { readonly module: GoModule; readonly program: string }[];
  /** Built first: what its processes run. */
  readonly programs?: readonly GoModule[];
  /** Processes on the first node. @default none */
  readonly components?: () => readonly Component[];
  /** Its objects, applied again by each `up`. @default none */
  readonly apply?: () => Promise<void>;
  /** Its Deployments, waited for and shown by `status`. @default none */
  readonly deployments?: readonly DeploymentName[];
  /** One sentence for each thing that it accepts and does not do. @default none */
  readonly limitations?: readonly string[];
  /** One sentence for each thing that stands in for another. @default none */
  readonly standIns?: readonly string[];
}
