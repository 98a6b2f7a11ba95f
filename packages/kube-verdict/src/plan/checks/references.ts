import type { Finding } from '../plan-types';
import { fieldsAt, textAt } from '../read';
import { type Reference, referencesOf } from '../references';
import type { Thing, World } from '../world';
import { scaleTarget } from '../world';
import { listed } from '../wording';
import { type Context, finding } from './context';

/** What Pods and autoscalers refer to, and this change leaves without. */
export function references(context: Context): Finding[] {
  const { before, after } = context;
  const found: Finding[] = [];
  for (const thing of after.workloads) {
    const was = new Set(missingOf(context, before, before.get(thing.id)).map(({ key }) => key));
    const alike = new Map<string, Missing[]>();
    for (const one of missingOf(context, after, thing)) {
      if (was.has(one.key)) continue;
      const group = `${one.kind} ${one.say('', true)}`;
      alike.set(group, [...(alike.get(group) ?? []), one]);
    }
    for (const group of alike.values()) {
      const [first] = group;
      if (first === undefined) continue;
      const { code, level, kind, say } = first;
      const isOne = group.length === 1;
      const plural = isOne ? '' : kind.endsWith('s') ? 'es' : 's';
      const names = `${kind}${plural} ${listed(group.map(({ name }) => name))}`;
      found.push(finding(code, level, thing.id, say(names, isOne)));
    }
  }
  for (const autoscaler of after.of('autoscaling', 'HorizontalPodAutoscaler')) {
    const target = scaleTarget(autoscaler);
    if (after.has(target)) continue;
    const old = before.get(autoscaler.id);
    const [, kind = '', , name = ''] = target.split('/').map(decodeURIComponent);
    if (before.has(target)) {
      found.push(
        finding(
          'reference-deleted',
          'caution',
          autoscaler.id,
          `scales ${kind} ${name}, which is deleted`,
        ),
      );
    } else if (old === undefined || scaleTarget(old) !== target) {
      found.push(
        finding(
          'reference-missing',
          'caution',
          autoscaler.id,
          `scales ${kind} ${name}, which is in neither set`,
        ),
      );
    }
  }
  return found;
}

interface Missing extends Pick<Finding, 'code' | 'level'> {
  /** Tells it from others that the same workload misses. */
  readonly key: string;
  readonly kind: string;
  readonly name: string;
  /** What it means that this is missing, or several of a kind. */
  readonly say: (what: string, isOne: boolean) => string;
}

/** What every namespace has without anybody's doing, and every cluster. */
const ALWAYS = new Set([
  'ServiceAccount default',
  'ConfigMap kube-root-ca.crt',
  'PriorityClass system-cluster-critical',
  'PriorityClass system-node-critical',
]);

/** The kinds of no namespace that a Pod names: without them admission refuses it. */
const CLASSES = {
  priorityClassName: ['scheduling.k8s.io', 'PriorityClass'],
  runtimeClassName: ['node.k8s.io', 'RuntimeClass'],
} as const;

function missingOf(context: Context, world: World, thing: Thing | undefined): Missing[] {
  if (thing?.workload === undefined) return [];
  const { namespace } = thing.identity;
  const { podSpec } = thing.workload;
  const missing = new Map<string, Missing>();
  for (const reference of referencesOf(podSpec)) {
    const { kind, name, optional } = reference;
    if (ALWAYS.has(`${kind} ${name}`)) continue;
    const target = world.find('', kind, namespace, name);
    const old = context.before.find('', kind, namespace, name);
    if (reference.access === 'image-pull') {
      if (target === undefined && old !== undefined) missing.set(name, pullSecret(name));
      continue;
    }
    if (optional || (kind === 'Secret' && target === undefined && isMade(world, namespace, name)))
      continue;
    const found =
      target === undefined
        ? missingObject(kind, name, old !== undefined)
        : missingKeys(target, reference);
    if (found !== undefined) missing.set(found.key, found);
  }
  for (const [field, [group, kind]] of Object.entries(CLASSES)) {
    const name = textAt(podSpec, field);
    if (name === '' || ALWAYS.has(`${kind} ${name}`)) continue;
    if (world.find(group, kind, null, name) !== undefined) continue;
    const wasThere = context.before.find(group, kind, null, name) !== undefined;
    const found = missingObject(kind, name, wasThere);
    missing.set(found.key, found);
  }
  return [...missing.values()];
}

/** Whether an operator makes the Secret of what is in the set: its kind, and the field that names the Secret. */
function isMade(world: World, namespace: string | null, name: string): boolean {
  const makers = [
    ['external-secrets.io', 'ExternalSecret', ['spec', 'target', 'name']],
    ['bitnami.com', 'SealedSecret', ['spec', 'template', 'metadata', 'name']],
    ['cert-manager.io', 'Certificate', ['spec', 'secretName']],
  ] as const;
  return makers.some(([group, kind, path]) =>
    world
      .of(group, kind)
      .some(
        ({ identity, object }) =>
          (identity.namespace ?? 'default') === namespace &&
          (textAt(object, ...path) || identity.name) === name,
      ),
  );
}

/** Pods are made without it, and whether they need it is the registry's to say. */
function pullSecret(name: string): Missing {
  return {
    key: `pull ${name}`,
    code: 'reference-deleted',
    level: 'caution',
    kind: 'Secret',
    name,
    say: (what, isOne) =>
      `pulls images with ${what}, which ${isOne ? 'is deleted: once it is' : 'are deleted: once they are'} gone, new Pods may not get theirs`,
  };
}

function missingObject(kind: string, name: string, wasThere: boolean): Missing {
  const key = `${kind} ${name}`;
  const effect = ['ServiceAccount', 'PriorityClass', 'RuntimeClass'].includes(kind)
    ? 'its Pods are not created'
    : 'its Pods do not start';
  const common = { level: 'caution', kind, name } as const;
  return wasThere
    ? {
        ...common,
        key: `deleted ${key}`,
        code: 'reference-deleted',
        say: (what, isOne) =>
          `needs ${what}, which ${isOne ? 'is deleted: once it is' : 'are deleted: once they are'} gone ${effect}`,
      }
    : {
        ...common,
        key,
        code: 'reference-missing',
        say: (what, isOne) =>
          `needs ${what}, which ${isOne ? 'is' : 'are'} in neither set: without ${isOne ? 'it' : 'them'} ${effect}`,
      };
}

function missingKeys(target: Thing, { kind, name, keys }: Reference): Missing | undefined {
  if (keys === null || (kind !== 'ConfigMap' && kind !== 'Secret')) return undefined;
  const has = ['data', 'binaryData', 'stringData'].flatMap((field) =>
    Object.keys(fieldsAt(target.object, field)),
  );
  const lacking = keys.filter((key) => !has.includes(key));
  if (lacking.length === 0) return undefined;
  const which = `key${lacking.length === 1 ? '' : 's'} ${listed(lacking)}`;
  return {
    key: `${kind} ${name} ${lacking.join(' ')}`,
    code: 'reference-missing',
    level: 'caution',
    kind,
    name,
    say: () =>
      `needs ${which} of ${kind} ${name}, which has none of that name: its Pods do not start`,
  };
}
