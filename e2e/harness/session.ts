/** The cluster for one run: brought up, given the images, and left as it was found. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Cluster,
  ClusterError,
  type ClusterOptions,
  clusterProvider,
  type Steps,
} from 'local-cluster';
import { provideImages } from '../../commands/provide-images';
import { type Fixture, NotRun } from './check';

/** On each namespace that a run makes, so that one which was interrupted can be told from others' namespaces. */
const LABEL = 'user-service-kubernetes/e2e';
/** Milliseconds for namespaces to go, with the Pods in them. */
const NAMESPACE_TIMEOUT = 3 * 60_000;
/** What a fixture in the namespace `default` may make: the rest goes with these. */
const WORKLOADS = 'deployments,statefulsets,replicasets,replicationcontrollers,pods';

type SessionOptions = Pick<ClusterOptions, 'context' | 'registry'>;

export class Session {
  /** Where the commands that name the namespace `default` run. */
  readonly defaultNamespace: string;
  /** Folder for files that are made on the way. */
  readonly scratch = mkdtempSync(join(tmpdir(), 'e2e-'));
  /** The name under which the cluster has an image, by its name in manifests. */
  readonly images = new Map<string, string>();
  /** What stands in for something else: a sentence each. */
  readonly standIns: Set<string>;
  /** What else the results rest on: a sentence each. */
  readonly notes = new Set<string>();
  private readonly provided = new Set<string>();
  private readonly prefix: string;
  /** Whether the run gave a cluster that was there its second node. */
  private grown = false;

  private constructor(
    private opened: Cluster,
    private readonly options: SessionOptions,
    /** Whether the run brought the cluster up. */
    private readonly ours: boolean,
    private readonly steps: Steps,
    private readonly print: (line: string) => void,
  ) {
    this.defaultNamespace = opened.runNamespace ?? 'default';
    this.prefix = opened.runNamespace ?? 'e2e';
    this.standIns = new Set(opened.standIns);
  }

  get cluster(): Cluster {
    return this.opened;
  }

  /** Brings the cluster up, unless it is, and takes away what an earlier run left on it. */
  static async open(
    options: SessionOptions,
    steps: Steps,
    print: (line: string) => void,
  ): Promise<Session> {
    const provider = await clusterProvider({ ...options, print });
    const found = await provider.find();
    const cluster = await provider.up().catch(async (error: unknown) => {
      if (found === undefined) await provider.down();
      throw error;
    });
    // A context's `find` made files of its own; those of the opened cluster are what is used from here on.
    await found?.close();
    const ours = found === undefined && cluster.provider !== 'context';
    const session = new Session(cluster, options, ours, steps, print);
    try {
      await session.removeNamespaces();
    } catch (error) {
      await session.close(false);
      throw error;
    }
    return session;
  }

  /** Gives a cluster of nodes from source its second node, where so many are needed. Any other is left as it is. */
  async grow(nodes: number): Promise<void> {
    if (this.cluster.fromSource === undefined || nodes !== 2) return;
    const { stdout } = await this.cluster.kubectl(['get', 'nodes', '--output=name']);
    if (stdout.trim().split('\n').length >= nodes) return;
    this.grown = !this.ours;
    this.opened = await this.bringUp(2);
    // The new node has no image yet.
    this.provided.clear();
  }

  /** Gives images to the cluster, unless it was given them before. */
  async provide(images: readonly string[]): Promise<void> {
    const wanted = images.filter((image) => !this.provided.has(image));
    if (wanted.length === 0) return;
    const given = await provideImages(wanted, this.cluster, this.options.registry, this.steps);
    for (const image of wanted) this.provided.add(image);
    for (const [image, reference] of given.references) this.images.set(image, reference);
    for (const standIn of given.standIns) this.standIns.add(standIn);
    for (const note of given.notes) this.notes.add(note);
  }

  /**
   * Makes the namespaces of a fixture.
   *
   * @param name of its own namespace, where it does not name them itself.
   * @returns the name of the first.
   * @throws {NotRun} on a named context, where one that the fixture names is there, or none may be made.
   * @throws {ClusterError} on a cluster of this machine's own, likewise: it is to have nobody else's.
   */
  async makeNamespaces({ namespaces }: Fixture, name: string): Promise<string> {
    const [first, ...others] = namespaces ?? [`${this.prefix}-${name}`];
    const made: string[] = [];
    for (const namespace of [first, ...others]) {
      const refusal = await this.makeNamespace(namespace);
      if (refusal === undefined) {
        made.push(namespace);
        continue;
      }
      if (made.length > 0) await this.cluster.kubectl(['delete', 'namespace', ...made]);
      const message = `needs the namespace ${namespace} made for this run alone: ${refusal}`;
      throw this.cluster.provider === 'context' ? new NotRun(message) : new ClusterError(message);
    }
    return first;
  }

  /** @returns why the cluster has it not made; undefined where it is. */
  private async makeNamespace(name: string): Promise<string | undefined> {
    const { code, stderr } = await this.cluster.kubectl(['create', '--filename=-'], {
      allowFailure: true,
      input: JSON.stringify({
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name, labels: { [LABEL]: this.prefix } },
      }),
    });
    if (code === 0) return undefined;
    if (stderr.includes('AlreadyExists'))
      return `it exists; remove it with all that it holds: kubectl delete namespace ${name}`;
    if (stderr.includes('Forbidden')) return stderr.trim();
    throw new ClusterError(`the namespace ${name} could not be made: ${stderr.trim()}`);
  }

  /** Has the namespaces of a fixture go. Waits for those that the next fixture may name as well. */
  async dropNamespaces({ namespaces }: Fixture, first: string): Promise<void> {
    const flags = namespaces === undefined ? ['--wait=false'] : ['--wait=true'];
    await this.cluster.kubectl(['delete', 'namespace', ...(namespaces ?? [first]), ...flags], {
      timeout: NAMESPACE_TIMEOUT,
    });
  }

  /** @throws {ClusterError} where somebody's own Pod or controller is in the way of those that a selector names. */
  async expectNothingForeign(selector: string): Promise<void> {
    const namespace = this.defaultNamespace;
    const command = ['get', WORKLOADS, `--namespace=${namespace}`, '--output=name'];
    const { stdout } = await this.cluster.kubectl([...command, `--selector=${selector}`]);
    const names = stdout.trim().split('\n').filter(Boolean);
    if (names.length === 0) return;
    throw new ClusterError(
      `the namespace ${namespace} must hold no Pod and no controller of "${selector}"; it has ` +
        `${names.join(', ')}; remove them: ` +
        `kubectl delete ${WORKLOADS} --namespace=${namespace} --selector='${selector}'`,
    );
  }

  /** Has all that a selector names in the default namespace go, and does not wait for it. */
  async dropWorkloads(selector: string): Promise<void> {
    const flags = [`--namespace=${this.defaultNamespace}`, `--selector=${selector}`];
    await this.cluster.kubectl(['delete', WORKLOADS, ...flags, '--wait=false']);
  }

  /** Takes back all that the run made; with `keep`, nothing but its files. */
  async close(keep: boolean): Promise<void> {
    rmSync(this.scratch, { recursive: true, force: true });
    if (keep) {
      this.tellHowToLook();
      return;
    }
    if (!this.ours) await this.removeNamespaces();
    if (this.grown) await this.bringUp(1);
    await this.cluster.close();
    if (this.ours) await this.cluster.down();
  }

  private async bringUp(nodes: 1 | 2): Promise<Cluster> {
    return (await clusterProvider({ ...this.options, nodes, print: this.print })).up();
  }

  /** Also those that an interrupted or kept run left: they would stand in the way of this one. */
  private async removeNamespaces(): Promise<void> {
    const selector = `--selector=${LABEL}=${this.prefix}`;
    const { stdout } = await this.cluster.kubectl(['get', 'namespaces', selector, '--output=name']);
    if (stdout.trim() === '') return;
    await this.steps.step('remove the namespaces of a run', () =>
      this.cluster.kubectl(['delete', 'namespaces', selector], { timeout: NAMESPACE_TIMEOUT }),
    );
  }

  private tellHowToLook(): void {
    const { provider, kubeconfig } = this.cluster;
    this.print('');
    this.print(`kept: export KUBECONFIG=${kubeconfig}; kubectl get pods --all-namespaces`);
    if (provider !== 'context') this.print('      npm run cluster -- down removes it all');
  }
}
