/** What becomes of a workload's Pods, from every event of a watch. */
import { ClusterError, poll } from 'local-cluster';
import {
  fewestAvailable,
  instantsOf,
  type Instant,
  mostActive,
  mostWanted,
} from '../../harness/history';
import {
  type Controller,
  describePods,
  isActive,
  isAvailable,
  type Pod,
} from '../../harness/objects';
import type { TestContext } from '../../harness/test-context';
import { follow, type Following } from '../../harness/watch';
import type { Kind } from './changes';

/** Milliseconds without any event after which nothing more is expected of Pods that can do nothing more. */
const QUIET = 8_000;

const RESOURCES: Readonly<Record<Kind, string>> = {
  Deployment: 'deployments',
  StatefulSet: 'statefulsets',
  DaemonSet: 'daemonsets',
};

/** All that happens in a namespace to the workloads of a kind, their Pods and ReplicaSets. */
export class Observer {
  private constructor(
    private readonly pods: Following<Pod>,
    private readonly controllers: Following<Controller>,
    private readonly replicaSets: Following<Controller>,
  ) {}

  static async open({ cluster, namespace }: TestContext, kind: Kind): Promise<Observer> {
    const apps = `/apis/apps/v1/namespaces/${namespace}`;
    return new Observer(
      await follow<Pod>(cluster, `/api/v1/namespaces/${namespace}/pods`),
      await follow<Controller>(cluster, `${apps}/${RESOURCES[kind]}`),
      await follow<Controller>(cluster, `${apps}/replicasets`),
    );
  }

  close(): void {
    for (const watched of [this.pods, this.controllers, this.replicaSets]) watched.stop();
  }

  /** Follows the objects of one label `case`, of which there is none yet. */
  of(name: string): Course {
    const { pods, controllers, replicaSets } = this;
    return new Course(name, {
      pods: new Log(pods, name),
      controllers: new Log(controllers, name),
      replicaSets: new Log(replicaSets, name),
    });
  }
}

/** The events of one case. */
class Log<T extends Pod | Controller> {
  private read: number;
  private readonly own: Following<T>['events'][number][] = [];
  /** When an event was last read, as performance.now() has it. */
  last = performance.now();

  constructor(
    private readonly following: Following<T>,
    private readonly name: string,
  ) {
    this.read = following.events.length;
  }

  /** The objects at every instant so far, from none. */
  instants(): Instant<T>[] {
    const { events, ended } = this.following;
    if (ended !== undefined) throw new ClusterError(`the watch ended: ${ended}`);
    for (const event of events.slice(this.read)) {
      if (event.object.metadata.labels?.case !== this.name) continue;
      this.own.push(event);
      this.last = performance.now();
    }
    this.read = events.length;
    return instantsOf<T>([], this.own);
  }
}

interface Logs {
  readonly pods: Log<Pod>;
  readonly controllers: Log<Controller>;
  readonly replicaSets: Log<Controller>;
}

/** What was seen of a change. */
export interface Observation {
  /** Pods that ended and have a successor of another template. */
  readonly replaced: number;
  readonly fewestAvailable: number;
  /** What the controller wanted to exist at once, and what there was, which may be more for a moment. */
  readonly mostWanted: number;
  readonly mostExisting: number;
  /** How many were available at the end. */
  readonly available: number;
  /** Pods of another template that are there at the end. */
  readonly renewed: number;
  readonly changed: boolean;
  readonly instants: number;
}

/** What a workload and its Pods go through. */
export class Course {
  private begun: { pods: number; replicaSets: number; controller: Controller } | undefined;

  constructor(
    private readonly name: string,
    private readonly logs: Logs,
  ) {}

  /** Waits until all its Pods are of the latest template and available. */
  async untilComplete(timeout: number): Promise<void> {
    await this.until(timeout, () => this.isComplete());
  }

  /** From here on, what happens is the change's. */
  begin(): void {
    const controller = this.logs.controllers.instants().at(-1)?.[0];
    if (controller === undefined) throw new Error(`${this.name} is not there`);
    this.begun = {
      pods: this.logs.pods.instants().length - 1,
      replicaSets: this.logs.replicaSets.instants().length - 1,
      controller,
    };
  }

  /**
   * Waits until nothing more happens.
   *
   * @param version of the object as the change left it.
   * @param stuck whether new Pods that run, or have no image, will never be ready.
   */
  async untilSettled(timeout: number, version: string, stuck: boolean): Promise<void> {
    const begun = performance.now();
    let arrived = false;
    await this.until(timeout, () => {
      arrived ||= this.logs.controllers
        .instants()
        .some(([controller]) => controller?.metadata.resourceVersion === version);
      if (!arrived) return false;
      if (!stuck && this.isComplete()) return true;
      const { pods, controllers, replicaSets } = this.logs;
      const last = Math.max(begun, pods.last, controllers.last, replicaSets.last);
      return performance.now() - last > QUIET && this.hasObserved() && this.isIdle(stuck);
    });
  }

  observation(): Observation {
    const { begun } = this;
    if (begun === undefined) throw new Error('the change has not begun');
    const pods = this.logs.pods.instants().slice(begun.pods);
    const replicaSets = this.logs.replicaSets.instants().slice(begun.replicaSets);
    const [initial = [], last = []] = [pods[0], pods.at(-1)];
    const templates = new Set(initial.map(templateOf));
    const active = last.filter(isActive);
    const left = new Set(active.map(({ metadata }) => metadata.uid));
    const gone = initial.filter(({ metadata }) => !left.has(metadata.uid)).length;
    const renewed = active.filter((pod) => initial.length > 0 && !templates.has(templateOf(pod)));
    const replaced = Math.min(gone, renewed.length);
    const now = this.controller();
    return {
      replaced,
      fewestAvailable: fewestAvailable(pods),
      mostWanted: replicaSets.some((all) => all.length > 0)
        ? mostWanted(replicaSets)
        : mostActive(pods),
      mostExisting: mostActive(pods),
      available: active.filter(isAvailable).length,
      renewed: renewed.length,
      changed:
        now?.metadata.generation !== begun.controller.metadata.generation ||
        JSON.stringify(now?.metadata.labels) !== JSON.stringify(begun.controller.metadata.labels),
      instants: pods.length,
    };
  }

  private controller(): Controller | undefined {
    return this.logs.controllers.instants().at(-1)?.[0];
  }

  private hasObserved(): boolean {
    const { metadata, status } = this.controller() ?? {};
    return (status?.observedGeneration ?? 0) >= (metadata?.generation ?? Infinity);
  }

  private isComplete(): boolean {
    const controller = this.controller();
    if (controller === undefined || !this.hasObserved()) return false;
    const pods = this.logs.pods.instants().at(-1) ?? [];
    const status: Status = controller.status ?? {};
    const wanted = status.desiredNumberScheduled ?? controller.spec.replicas ?? 1;
    const counts = [
      status.updatedNumberScheduled ?? status.updatedReplicas,
      status.currentNumberScheduled ?? status.replicas,
      status.numberAvailable ?? status.availableReplicas,
      pods.filter(isAvailable).length,
      pods.length,
    ];
    const unscheduled = controller.kind === 'DaemonSet' && wanted === 0;
    return !unscheduled && counts.every((count = 0) => count === wanted);
  }

  /** Whether all Pods are available, or can never be. */
  private isIdle(stuck: boolean): boolean {
    const pods = this.logs.pods.instants().at(-1) ?? [];
    return pods.every((pod) => isActive(pod) && (isAvailable(pod) || (stuck && hasStarted(pod))));
  }

  private async until(timeout: number, holds: () => boolean): Promise<void> {
    const what = `the Pods of ${this.name} to settle`;
    await poll<true>({ what, timeout, interval: 200 }, () => {
      const pods = this.logs.pods.instants().at(-1) ?? [];
      return Promise.resolve(holds() ? { found: true } : { lastSeen: describePods(pods) });
    });
  }
}

type Status = NonNullable<Controller['status']> & {
  readonly desiredNumberScheduled?: number;
  readonly currentNumberScheduled?: number;
  readonly updatedNumberScheduled?: number;
  readonly numberAvailable?: number;
};

/** Whether its container runs, or has no image to run. */
function hasStarted({ status }: Pod): boolean {
  return (status.containerStatuses ?? []).some(
    ({ state }) => state.waiting === undefined || state.waiting.reason === 'ErrImageNeverPull',
  );
}

function templateOf({ metadata: { labels = {} } }: Pod): string {
  return labels['pod-template-hash'] ?? labels['controller-revision-hash'] ?? '';
}
