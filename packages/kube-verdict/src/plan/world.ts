import type { Identity } from '../verdict/identity';
import { idOf } from './object-id';
import { type Fields, fieldsAt, listAt, textAt, textsAt, valueAt } from './read';
import { groupOf, type Workload, workloadOf } from './workload';

/** An object of a world. */
export interface Thing {
  readonly id: string;
  readonly identity: Identity;
  readonly object: Fields;
  /** What it is if it makes Pods. */
  readonly workload: Workload | undefined;
}

/** The objects that a cluster has of a set, before or after the change. */
export class World {
  private readonly things = new Map<string, Thing>();
  private readonly kinds = new Map<string, Thing[]>();
  private scalers: ReadonlyMap<string, Thing> | undefined;
  readonly workloads: (Thing & { readonly workload: Workload })[] = [];

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
    return this.things.get(id);
  }

  has(id: string): boolean {
    return this.things.has(id);
  }

  all(): Iterable<Thing> {
    return this.things.values();
  }

  /** The objects of a kind, its group first: `of('apps', 'Deployment')`. */
  of(group: string, kind: string): readonly Thing[] {
    return this.kinds.get(`${group}/${kind}`) ?? [];
  }

  find(group: string, kind: string, namespace: string | null, name: string): Thing | undefined {
    return this.things.get(idOf(group, kind, namespace, name));
  }

  /** The autoscaler of each workload, by the workload's id. */
  autoscalers(): ReadonlyMap<string, Thing> {
    return (this.scalers ??= this.findAutoscalers());
  }

  private findAutoscalers(): Map<string, Thing> {
    const found = new Map<string, Thing>();
    for (const autoscaler of this.of('autoscaling', 'HorizontalPodAutoscaler')) {
      found.set(scaleTarget(autoscaler), autoscaler);
    }
    return found;
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

/** A backend of an Ingress. */
export interface Backend {
  readonly service: string;
  /** The port, by name or by number; undefined where it has none. */
  readonly port: string | number | undefined;
  /** `shop.example/cart`, or empty for the default backend. */
  readonly route: string;
}

export function backendsOf(ingress: Fields): Backend[] {
  const backends: Backend[] = [];
  const add = (backend: unknown, route: string): void => {
    const service = textAt(backend, 'service', 'name');
    const port =
      valueAt(backend, 'service', 'port', 'name') ?? valueAt(backend, 'service', 'port', 'number');
    if (service === '') return;
    const known = typeof port === 'string' || typeof port === 'number' ? port : undefined;
    backends.push({ service, port: known, route });
  };
  add(valueAt(ingress, 'spec', 'defaultBackend'), '');
  for (const rule of listAt(ingress, 'spec', 'rules')) {
    for (const path of listAt(rule, 'http', 'paths')) {
      add(valueAt(path, 'backend'), `${textAt(rule, 'host')}${textAt(path, 'path')}`);
    }
  }
  return backends;
}
