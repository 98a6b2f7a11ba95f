import type { NetworkPolicyPeer } from '../../imports/k8s';
import type { ValidatedConstruct } from '../app/validated';

/** Something that a workload can call: what it tells its caller, and the network path to it. */
export interface Endpoint {
  /** What it leads to: its name and its Secrets are known in its own environment alone. */
  readonly of: ValidatedConstruct;
  /** Variables for the caller, each put behind the prefix that the caller gives it: `HOST`, `PORT`. */
  readonly variables: Readonly<Record<string, string>>;
  /** Files for the caller: `PASSWORD` becomes the variable PREFIX_PASSWORD_FILE. */
  readonly files: Readonly<Record<string, SecretFile>>;
  /** Where the path leads. */
  readonly peer: NetworkPolicyPeer;
  /** Port of the Pods there: network policies are held against what a Service has already translated. */
  readonly targetPort: number;
  /** Opens the far end of the path, for Pods of the same namespace with these labels. */
  allowFrom(labels: Readonly<Record<string, string>>): void;
}

/** One key of a Secret. */
export interface SecretFile {
  readonly secret: string;
  readonly key: string;
}
