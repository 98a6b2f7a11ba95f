import { type Fields, fieldsAt, valueAt } from './read';
import { type Ask, select, type Selecting } from './selection';
import { serviceSelector, type Thing, type World } from './world';

/** Which workloads' Pods an object selects: by its id, the workloads' ids. */
export type Selected = ReadonlyMap<string, readonly string[]>;

export interface Links {
  readonly services: Selected;
  readonly budgets: Selected;
  readonly policies: Selected;
  /** Controllers, by the workloads whose Pods their selectors match; mostly themselves. */
  readonly owners: Selected;
}

/** What the objects of one world select among the Pods of another, or of the same. */
export async function linksOf(ask: Ask, selecting: World, labelled: World): Promise<Links> {
  const groups: Record<keyof Links, [Thing, Fields | null][]> = {
    services: selecting.of('', 'Service').map((s) => [s, serviceSelector(s.object)]),
    budgets: selecting
      .of('policy', 'PodDisruptionBudget')
      .map((b) => [b, selectorAt(b.object, 'selector')]),
    policies: selecting
      .of('networking.k8s.io', 'NetworkPolicy')
      .map((p) => [p, fieldsAt(p.object, 'spec', 'podSelector')]),
    owners: selecting.workloads.map((w) => [w, w.workload.selector]),
  };
  const flat = Object.values(groups).flat();
  const selectors = flat.map(([{ identity }, selector]): Selecting => ({
    namespace: identity.namespace,
    selector,
  }));
  // A Job's Pods are told apart by a label that the API server makes.
  const pods = labelled.workloads.filter(({ identity }) => identity.kind !== 'CronJob');
  const matched = await select(
    ask,
    selectors,
    pods.map(({ identity, workload }) => ({
      namespace: identity.namespace,
      labels: workload.labels,
    })),
  );
  // Alike selectors share what they match.
  const ids = new Map(
    [...new Set(matched)].map((positions) => [
      positions,
      positions.flatMap((p) => pods[p]?.id ?? []),
    ]),
  );
  const found = new Map(flat.map(([{ id }], i) => [id, ids.get(matched[i] ?? []) ?? []]));
  const of = (name: keyof Links): Selected =>
    new Map(groups[name].map(([{ id }]) => [id, found.get(id) ?? []]));
  return {
    services: of('services'),
    budgets: of('budgets'),
    policies: of('policies'),
    owners: of('owners'),
  };
}

/** Makes something of what is selected, once of what alike selectors share. */
export function perSelection<T>(
  make: (selected: readonly string[]) => T,
): (selected: readonly string[]) => T {
  const made = new WeakMap<readonly string[], { readonly value: T }>();
  return (selected) => {
    let known = made.get(selected);
    if (known === undefined) made.set(selected, (known = { value: make(selected) }));
    return known.value;
  };
}

/** What is selected, to look up in. */
export const memberSet = perSelection((selected): ReadonlySet<string> => new Set(selected));

function selectorAt(object: Fields, name: string): Fields | null {
  const selector = valueAt(object, 'spec', name);
  return selector === undefined || selector === null ? null : fieldsAt(object, 'spec', name);
}
