/** What is shown: checks, in fixtures, in suites. */
import { type Cluster, ClusterError } from 'local-cluster';
import type { Manifest } from './objects';
import type { TestContext } from './test-context';

/** Something that the lesson or the README says, and what shows it on a cluster. */
export interface Check {
  /** As the lesson or the README says it. */
  readonly name: string;
  /** How it is shown: commands and what is compared. */
  readonly how: string;
  /** What it needs beside what its suite does. @returns what is missing, as a sentence; undefined where nothing is. */
  readonly requires?: Requirements['other'];
  /** Makes what the check starts from; finds it made where an earlier check of the fixture made it. */
  readonly prepare?: (context: TestContext) => Promise<void>;
  /**
   * Shows it.
   *
   * @returns what was measured.
   * @throws {CheckFailure} when it does not hold; any other error but {@link NotRun} fails it as well.
   */
  readonly run: (context: TestContext) => Promise<string | Figure>;
  /** What must make `run` fail: `--self-test` injects it. */
  readonly fault: Fault;
}

/** What was measured, for people and for programs. */
export interface Figure {
  readonly text: string;
  /** Goes into the report's JSON as it is. */
  readonly data: unknown;
}

/** A promise broken on purpose: in a manifest or in the cluster, never in the assertion. */
export interface Fault {
  /** As a table says it. */
  readonly what: string;
  /** Changes each manifest on its way to the cluster. @default none is changed */
  readonly manifest?: (manifest: Manifest) => void;
  /** Changes the cluster between `prepare` and `run`. @default it is left alone */
  readonly cluster?: (context: TestContext) => Promise<void>;
}

/** Checks that share a namespace, in the order in which they are shown. */
export interface Fixture {
  /** Name of its namespace, after the run's prefix: an RFC 1123 label. */
  readonly name: string;
  /**
   * Set where a command that is shown names the namespace `default`: a label selector of the Pods and controllers that
   * the fixture makes there. Nobody else's may be there. @default a namespace of its own
   */
  readonly inDefaultNamespace?: string;
  /**
   * Set where manifests name their namespaces themselves: all of them, the context's first. Nobody else's may be there.
   * The first check makes what it needs of them; all go after the last. @default a namespace of its own
   */
  readonly namespaces?: readonly [string, ...string[]];
  readonly checks: readonly Check[];
}

/** What a suite needs of a cluster. */
export interface Requirements {
  /** Nodes that are ready and take Pods. @default 1 */
  readonly nodes?: number;
  /** Kinds of objects that the cluster must enforce, not just accept: `NetworkPolicy`. @default none */
  readonly enforced?: readonly string[];
  /** APIs that must be served, by whatever component: `metrics.k8s.io/v1beta1`. @default those of Kubernetes */
  readonly apis?: readonly string[];
  /** Images that its Pods run, by their names in manifests: built and given to the cluster first. @default none */
  readonly images?: readonly string[];
  /** Anything else. @returns what is missing, as a sentence; undefined where nothing is. */
  readonly other?: (cluster: Cluster) => Promise<string | undefined>;
}

/** What `--only NAME` runs. */
export interface Suite {
  readonly name: string;
  /** What its results rest on, beside what the cluster says of itself: a sentence each. */
  readonly notes?: readonly string[];
  /** Where the cluster lacks any of it, its checks are not run. @default any cluster will do */
  readonly requires?: Requirements;
  /** Set where it takes so long that only `--only` runs it. @default it is part of every run */
  readonly byName?: true;
  readonly fixtures: readonly Fixture[];
}

/** A check does not hold: what was promised, and what was seen instead. */
export class CheckFailure extends ClusterError {
  /** @param data what was measured all the same, for the report's JSON. @default nothing */
  constructor(
    message: string,
    readonly data?: unknown,
  ) {
    super(message);
  }
}

/** A check that this cluster cannot show, and why: neither held nor broken. */
export class NotRun extends Error {}

/** @throws {CheckFailure} with `message`, and what was measured, unless `holds`. */
export function expect(holds: boolean, message: () => string, data?: unknown): asserts holds {
  if (!holds) throw new CheckFailure(message(), data);
}
