/** Where one claim is shown: a namespace of a cluster, and what goes into it. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse, stringify } from 'yaml';
import { poll, type Cluster, type Completed, type Polled, type RunOptions } from 'local-cluster';
import {
  containersOf,
  describePods,
  isActive,
  type Controller,
  type Manifest,
  type Pod,
} from './objects';
import type { Instant } from './pod-history';
import { watchPods } from './pod-watch';

export interface StageOptions {
  readonly cluster: Cluster;
  /** It exists, and holds nothing but what this stage puts there. */
  readonly namespace: string;
  /** Name of each image in this cluster, by the name in the manifests. */
  readonly images: ReadonlyMap<string, string>;
  /** Folder for manifests that are made on the way. */
  readonly scratch: string;
  /** Milliseconds that a wait may last. */
  readonly patience: number;
  /** Breaks a promise on purpose. @default nothing is broken */
  readonly tamper?: (manifest: Manifest) => void;
}

export class Stage {
  readonly cluster: Cluster;
  readonly namespace: string;

  constructor(private readonly options: StageOptions) {
    this.cluster = options.cluster;
    this.namespace = options.namespace;
  }

  /** Runs kubectl in the stage's namespace. @throws {CommandFailure} */
  kubectl(args: readonly string[], options?: RunOptions): Promise<Completed> {
    const timeout = this.options.patience;
    return this.cluster.kubectl([`--namespace=${this.namespace}`, ...args], {
      timeout,
      ...options,
    });
  }

  /** The objects of a kind: `pods`, `replicasets`. */
  async list<T = Controller>(kind: string, ...selector: readonly string[]): Promise<readonly T[]> {
    const { stdout } = await this.kubectl(['get', kind, '--output=json', ...selector]);
    return (JSON.parse(stdout) as { items: T[] }).items;
  }

  /** One object: `deployment/user-service`. */
  async get<T = Controller>(reference: string): Promise<T> {
    const { stdout } = await this.kubectl(['get', reference, '--output=json']);
    return JSON.parse(stdout) as T;
  }

  /** Pods that are not being deleted, by name. */
  async pods(): Promise<readonly Pod[]> {
    const pods = await this.list<Pod>('pods');
    return pods
      .filter(isActive)
      .sort((a, b) => a.metadata.name.localeCompare(b.metadata.name, 'en'));
  }

  /** The name that an image of the manifests has in this cluster. */
  image(name: string): string {
    return this.options.images.get(name) ?? name;
  }

  /** A manifest file as the cluster is to get it: the file itself, unless the cluster or a breakage changes it. */
  file(path: string): string {
    const manifest = parse(readFileSync(path, 'utf8'), { version: '1.1' }) as Manifest;
    const adapted = this.adapt(manifest);
    return JSON.stringify(adapted) === JSON.stringify(manifest)
      ? path
      : this.write(adapted, basename(path));
  }

  /** The file of a manifest that was made here. */
  manifest(manifest: Manifest, name = `${manifest.metadata.name}.yaml`): string {
    return this.write(this.adapt(manifest), name);
  }

  /** A manifest that reaches the cluster without a file: as it is, or a copy that a breakage changed. */
  tampered<T extends object>(manifest: T): T {
    const { tamper } = this.options;
    if (tamper === undefined) return manifest;
    const copy = structuredClone(manifest);
    tamper(copy as unknown as Manifest);
    return copy;
  }

  /** `kubectl apply` of a manifest that was made here. */
  async apply(manifest: Manifest, ...flags: readonly string[]): Promise<string> {
    const { stdout } = await this.kubectl([
      'apply',
      ...flags,
      `--filename=${this.manifest(manifest)}`,
    ]);
    return stdout.trim();
  }

  /** Waits, as long as this stage has patience. */
  until<T>(what: string, ask: () => Promise<Polled<T>>): Promise<T> {
    // Each look is a process: ten of them a second would keep the Pods from what is waited for.
    return poll({ what, timeout: this.options.patience, interval: 300 }, ask);
  }

  /** Waits until the Pods are as they should be. */
  untilPods(what: string, holds: (pods: readonly Pod[]) => boolean): Promise<readonly Pod[]> {
    return this.until<readonly Pod[]>(what, async () => {
      const pods = await this.list<Pod>('pods');
      return holds(pods) ? { found: pods } : { lastSeen: describePods(pods) };
    });
  }

  /** Watches the Pods while `act` runs, and returns every instant of them. */
  async watching(act: () => Promise<unknown>): Promise<readonly Instant[]> {
    return (await watchPods(this.cluster, this.namespace, act)).instants;
  }

  private adapt(manifest: Manifest): Manifest {
    const adapted = structuredClone(manifest);
    for (const container of containersOf(adapted)) container.image = this.image(container.image);
    return this.tampered(adapted);
  }

  private write(manifest: Manifest, name: string): string {
    const folder = join(this.options.scratch, this.namespace);
    mkdirSync(folder, { recursive: true });
    const file = join(folder, name);
    writeFileSync(file, stringify(manifest, { version: '1.1' }));
    return file;
  }
}
