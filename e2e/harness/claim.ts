/** What is proved: claims, in scenes, in suites. */
import { ClusterError } from 'local-cluster';
import type { Manifest } from './objects';
import type { Stage } from './stage';

/** Something that the lesson or the README says, and what shows it on a cluster. */
export interface Claim {
  /** As the lesson or the README says it. */
  readonly name: string;
  /** How it is shown: commands and what is compared. */
  readonly how: string;
  /** Makes the claim's own beginnings; finds them made where an earlier claim of the scene made them. */
  readonly prepare?: (stage: Stage) => Promise<void>;
  /**
   * Shows it.
   *
   * @returns what was measured.
   * @throws {ClaimFailure} when it does not hold; any other error but {@link NotRun} fails it as well.
   */
  readonly run: (stage: Stage) => Promise<string>;
  /** What must make `run` fail: `--self-test` breaks it so. */
  readonly breakage: Breakage;
}

/** A promise broken on purpose: by a manifest or by the cluster, never by the assertion. */
export interface Breakage {
  /** As a table says it. */
  readonly what: string;
  /** Changes each manifest on its way to the cluster. @default none is changed */
  readonly manifest?: (manifest: Manifest) => void;
  /** Changes the cluster between `prepare` and `run`. @default it is left alone */
  readonly cluster?: (stage: Stage) => Promise<void>;
}

/** Claims that share a namespace, in the order in which they are shown. */
export interface Scene {
  /** Name of its namespace, after the run's prefix: an RFC 1123 label. */
  readonly name: string;
  /** Set where a command of the lesson names the namespace `default`. @default a namespace of its own */
  readonly inDefaultNamespace?: boolean;
  readonly claims: readonly Claim[];
}

/** What `--only NAME` runs. */
export interface Suite {
  readonly name: string;
  /** What its results rest on, beside what the cluster says of itself: a sentence each. */
  readonly notes?: readonly string[];
  /** Set where no Pod of it ever runs. @default the images of services are built and loaded first */
  readonly withoutImages?: true;
  readonly scenes: readonly Scene[];
}

/** A claim does not hold: what was promised, and what was seen instead. */
export class ClaimFailure extends ClusterError {}

/** A claim that this cluster cannot show, and why: neither held nor broken. */
export class NotRun extends Error {}

/** @throws {ClaimFailure} with `message` unless `holds`. */
export function expect(holds: boolean, message: () => string): asserts holds {
  if (!holds) throw new ClaimFailure(message());
}
