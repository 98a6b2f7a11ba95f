/** Where a check runs: a namespace of a cluster, and what goes into it. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { type Cluster, type Completed, poll, type Polled, type RunOptions } from 'local-cluster';
import { containersIn } from '../../commands/manifests';
import { describePods, isActive, type Controller, type Manifest, type Pod } from './objects';
import type { Instant } from './history';
import { ROOT } from './root';
import { watch } from './watch';

export interface TestContextOptions {
  readonly cluster: Cluster;
  /** It exists, and holds nothing but what this context puts there. */
  readonly namespace: string;
  /** Name of each image in this cluster, by the name in the manifests. */
  readonly images: ReadonlyMap<string, string>;
  /** Folder for manifests that are made on the way. */
  readonly scratch: string;
  /** Milliseconds that a wait may last. */
  readonly timeout: number;
  /** Injects a fault into each manifest. @default none */
  readonly inject?: (manifest: Manifest) => void;
}

export class TestContext {
  readonly cluster: Cluster;
  readonly namespace: string;
  /** Milliseconds that a wait may last. */
  readonly timeout: number;

  constructor(private readonly options: TestContextOptions) {
    this.cluster = options.cluster;
    this.namespace = options.namespace;
    this.timeout = options.timeout;
  }

  /** Runs kubectl in the context's namespace. @throws {CommandFailure} */
  kubectl(args: readonly string[], options?: RunOptions): Promise<Completed> {
    const { timeout } = this;
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

  /**
   * A manifest file as the cluster is to get it: the file itself, unless the cluster or a fault changes it.
   *
   * @param name its path from the root of the repository.
   */
  file(name: string): string {
    const path = resolve(ROOT, name);
    const manifest = parse(readFileSync(path, 'utf8'), { version: '1.1' }) as Manifest;
    const adapted = this.adapt(manifest);
    return JSON.stringify(adapted) === JSON.stringify(manifest)
      ? path
      : this.write(adapted, basename(path));
  }

  /**
   * The manifests of a file as the cluster is to get them.
   *
   * @param name its path from the root of the repository.
   */
  manifests(name: string): Manifest[] {
    const text = readFileSync(resolve(ROOT, name), 'utf8');
    return parseAllDocuments(text, { version: '1.1' }).map((document) =>
      this.adapt(document.toJS() as Manifest),
    );
  }

  /** The file of a manifest that was made here. */
  manifest(manifest: Manifest, name = `${manifest.metadata.name}.yaml`): string {
    return this.write(this.adapt(manifest), name);
  }

  /** A manifest that reaches the cluster without a file: as it is, or a copy that a fault changed. */
  withFault<T extends object>(manifest: T): T {
    const { inject } = this.options;
    if (inject === undefined) return manifest;
    const copy = structuredClone(manifest);
    inject(copy as unknown as Manifest);
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

  /** Polls until it is found. @param timeout in milliseconds. @default the context's */
  until<T>(what: string, attempt: () => Promise<Polled<T>>, timeout = this.timeout): Promise<T> {
    // Each poll is a process: ten of them a second would keep the Pods from what is waited for.
    return poll({ what, timeout, interval: 300 }, attempt);
  }

  /** Waits until the Pods are as they should be. */
  untilPods(what: string, holds: (pods: readonly Pod[]) => boolean): Promise<readonly Pod[]> {
    return this.until<readonly Pod[]>(what, async () => {
      const pods = await this.list<Pod>('pods');
      return holds(pods) ? { found: pods } : { lastSeen: describePods(pods) };
    });
  }

  /** Watches the Pods while `act` runs, and returns every instant of them. */
  watchingPods(act: () => Promise<unknown>): Promise<readonly Instant[]> {
    return watch(this.cluster, `/api/v1/namespaces/${this.namespace}/pods`, act);
  }

  /** Watches the ReplicaSets while `act` runs, and returns every instant of them. */
  watchingReplicaSets(act: () => Promise<unknown>): Promise<readonly Instant<Controller>[]> {
    return watch(this.cluster, `/apis/apps/v1/namespaces/${this.namespace}/replicasets`, act);
  }

  private adapt(manifest: Manifest): Manifest {
    const adapted = structuredClone(manifest);
    for (const container of containersIn(adapted)) container.image = this.image(container.image);
    return this.withFault(adapted);
  }

  private write(manifest: Manifest, name: string): string {
    const folder = join(this.options.scratch, this.namespace);
    mkdirSync(folder, { recursive: true });
    const file = join(folder, name);
    writeFileSync(file, stringify(manifest, { version: '1.1' }));
    return file;
  }
}
