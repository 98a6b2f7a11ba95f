import type { Finding } from '../plan-types';
import { fieldsAt } from '../read';
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
    for (const { key, code, level, message } of missingOf(context, after, thing)) {
      if (!was.has(key)) found.push(finding(code, level, thing.id, message));
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

interface Missing extends Pick<Finding, 'code' | 'level' | 'message'> {
  /** Tells it from others that the same workload misses. */
  readonly key: string;
}

/** What every namespace has without anybody's doing. */
const ALWAYS = new Set(['ServiceAccount default', 'ConfigMap kube-root-ca.crt']);

function missingOf(context: Context, world: World, thing: Thing | undefined): Missing[] {
  if (thing?.workload === undefined) return [];
  const { namespace } = thing.identity;
  const missing = new Map<string, Missing>();
  for (const reference of referencesOf(thing.workload.podSpec)) {
    const { kind, name, optional } = reference;
    if (ALWAYS.has(`${kind} ${name}`)) continue;
    const target = world.find('', kind, namespace, name);
    if (reference.access === 'image-pull') {
      if (target === undefined && context.before.find('', kind, namespace, name) !== undefined) {
        missing.set(name, pullSecret(name));
      }
      continue;
    }
    if (optional) continue;
    const found =
      target === undefined
        ? missingObject(context, namespace, reference)
        : missingKeys(target, reference);
    if (found !== undefined) missing.set(found.key, found);
  }
  return [...missing.values()];
}

/** Pods are made without it, and whether they need it is the registry's to say. */
function pullSecret(name: string): Missing {
  const message = `pulls images with Secret ${name}, which is deleted: once it is gone, new Pods may not get theirs`;
  return { key: `pull ${name}`, code: 'reference-deleted', level: 'caution', message };
}

function missingObject(
  context: Context,
  namespace: string | null,
  { kind, name }: Reference,
): Missing {
  const key = `${kind} ${name}`;
  const effect = kind === 'ServiceAccount' ? 'its Pods are not created' : 'its Pods do not start';
  return context.before.find('', kind, namespace, name) === undefined
    ? {
        key,
        code: 'reference-missing',
        level: 'caution',
        message: `needs ${kind} ${name}, which is in neither set: without it ${effect}`,
      }
    : {
        key: `deleted ${key}`,
        code: 'reference-deleted',
        level: 'caution',
        message: `needs ${kind} ${name}, which is deleted: once it is gone ${effect}`,
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
    message: `needs ${which} of ${kind} ${name}, which has none of that name: its Pods do not start`,
  };
}
