import type { Identity } from '../verdict/identity';
import { idOf } from './object-id';
import { type Fields, fieldsAt, textAt, textsAt } from './read';
import { groupOf, type Workload, workloadOf } from './workload';

/** An object of a world. */
export interface Thing {
  readonly id: string;
  readonly identity: Identity;
  readonly object: Fields;
  /** What it is if it makes Pods. */
  readonly workload: Workload | undefined;
}

/** What stands beside a set, such as the other folders of an environment: found by name alone. */
export interface Neighbours {
  get(id: string): Thing | undefined;
  /** The objects of a kind, its group first. */
  of(group: string, kind: string): readonly Thing[];
}

/** The objects that a cluster has of a set, before or after the change. */
export class World {
  private readonly things = new Map<string, Thing>();
  private readonly kinds = new Map<string, Thing[]>();
  private scalers: ReadonlyMap<string, Thing> | undefined;
  readonly workloads: (Thing & { readonly workload: Workload })[] = [];

  /** @param neighbours what is beside the set, and is found by name where the set has nothing of it */
  constructor(private readonly neighbours?: Neighbours) {}

  add(id: string, identity: Identity, object: Fields): void {
    const workload = workloadOf(object);
    const thing = { id, identity, object, workload };
    this.things.set(id, thing);
    const key = `${groupOf(identity.apiVersion)}/${identity.kind}`;
    const known = this.kinds.get(key);
    if (known === undefined) this.kinds.set(key, [thing]);
    else known.push(thing);
    if (workload !== undefined) this.workloads.push({ ...thing, workload });
  }

  get(id: string): Thing | undefined {
    return this.things.get(id) ?? this.neighbours?.get(id);
  }

  has(id: string): boolean {
    return this.get(id) !== undefined;
  }

  all(): Iterable<Thing> {
    return this.things.values();
  }

  /** The objects of a kind, its group first: `of('apps', 'Deployment')`. */
  of(group: string, kind: string): readonly Thing[] {
    return this.kinds.get(`${group}/${kind}`) ?? [];
  }

  /** The same, and those beside the set. */
  around(group: string, kind: string): readonly Thing[] {
    const beside = this.neighbours?.of(group, kind) ?? [];
    return [...this.of(group, kind), ...beside.filter(({ id }) => !this.things.has(id))];
  }

  find(group: string, kind: string, namespace: string | null, name: string): Thing | undefined {
    return this.get(idOf(group, kind, namespace, name));
  }

  /** The autoscaler of each workload, by the workload's id: of several the last. */
  autoscalers(): ReadonlyMap<string, Thing> {
    return (this.scalers ??= new Map(
      [...this.autoscalersByTarget()].flatMap(([target, all]) =>
        all.slice(-1).map((last): [string, Thing] => [target, last]),
      ),
    ));
  }

  /** All autoscalers of each workload, by the workload's id. */
  autoscalersByTarget(): ReadonlyMap<string, readonly Thing[]> {
    const targets = new Map<string, Thing[]>();
    for (const autoscaler of this.of('autoscaling', 'HorizontalPodAutoscaler')) {
      const target = scaleTarget(autoscaler);
      const known = targets.get(target);
      if (known === undefined) targets.set(target, [autoscaler]);
      else known.push(autoscaler);
    }
    return targets;
  }
}

/** The id of the workload that an autoscaler scales. */
export function scaleTarget({ object, identity }: Thing): string {
  const target = fieldsAt(object, 'spec', 'scaleTargetRef');
  return idOf(
    groupOf(textAt(target, 'apiVersion')),
    textAt(target, 'kind'),
    identity.namespace,
    textAt(target, 'name'),
  );
}

/** The selector of a Service as a label selector; null for one that selects nothing by labels. */
export function serviceSelector(service: Fields): Fields | null {
  const labels = textsAt(service, 'spec', 'selector');
  if (textAt(service, 'spec', 'type') === 'ExternalName') return null;
  return Object.keys(labels).length === 0 ? null : { matchLabels: labels };
}
