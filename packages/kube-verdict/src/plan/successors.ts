import { objectId } from './object-id';
import { referencesOf } from './references';
import type { Side } from './side';
import { workloadOf } from './workload';

/**
 * ConfigMaps and Secrets that workloads moved to from others whose names differ in a content hash
 * alone: by id of the successor, the id of what it succeeds.
 */
export function successorsOf(
  before: ReadonlyMap<string, Side>,
  after: ReadonlyMap<string, Side>,
): Map<string, string> {
  const successors = new Map<string, string>();
  const taken = new Set<string>();
  for (const [id, side] of after) {
    const previous = before.get(id);
    if (previous === undefined) continue;
    for (const [from, to] of moves(previous, side)) {
      const [gone, come] = [before.get(from), after.get(to)];
      if (gone === undefined || come === undefined || before.has(to)) continue;
      if (successors.has(to) || taken.has(from)) continue;
      successors.set(to, from);
      taken.add(from);
    }
  }
  return successors;
}

/** The ids between which the mentions of a workload moved: one name went, and one of the same stem came. */
function* moves(old: Side, now: Side): Generator<[from: string, to: string]> {
  const [before, after] = [workloadOf(old.object), workloadOf(now.object)];
  if (before === undefined || after === undefined || old.object === now.object) return;
  const { namespace } = now.identity;
  for (const kind of ['ConfigMap', 'Secret']) {
    const [was, is] = [before, after].map(({ podSpec }) => {
      const mentions = referencesOf(podSpec).filter((one) => one.kind === kind);
      return new Set(mentions.map(({ name }) => name));
    });
    const [gone, come] = [without(was, is), without(is, was)];
    const id = (of: string): string => objectId({ apiVersion: 'v1', kind, namespace, name: of });
    for (const name of come) {
      const ofStem = (other: string): boolean => stemOf(other) === stemOf(name);
      const [from, ...others] = stemOf(name) === undefined ? [] : gone.filter(ofStem);
      const isOnly = others.length === 0 && come.filter(ofStem).length === 1;
      if (from !== undefined && isOnly) yield [id(from), id(name)];
    }
  }
}

function without(names: ReadonlySet<string> | undefined, others: typeof names): string[] {
  return [...(names ?? [])].filter((name) => others?.has(name) !== true);
}

/** A name without its content hash; undefined where it seems to have none. */
function stemOf(name: string): string | undefined {
  const match = /^(.+)-([a-z0-9]{5,64})$/.exec(name);
  const [, stem, hash = ''] = match ?? [];
  // Words have vowels and no digits; the hashes of Kubernetes and Kustomize have no vowels.
  return /\d/.test(hash) || !/[aeiou]/.test(hash) ? stem : undefined;
}
