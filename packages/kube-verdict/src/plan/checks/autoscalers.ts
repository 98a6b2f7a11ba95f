import { describeIdentity } from '../../verdict/identity';
import type { Finding } from '../plan-types';
import { listAt, numberAt, textAt, valueAt } from '../read';
import { boundsOf } from '../rollouts';
import { counted, listed } from '../wording';
import { scaleTarget, type Thing, type World } from '../world';
import { type Context, finding, nameOf } from './context';

/** Autoscalers and `replicas` that get into each other's way. */
export function autoscalers(context: Context): Finding[] {
  return [
    ...besideReplicas(context),
    ...bounds(context),
    ...ended(context),
    ...rivals(context),
    ...unrequested(context),
  ];
}

/** Resources by whose utilization an autoscaler scales, and which its Pods come not to request. */
function unrequested(context: Context): Finding[] {
  const { before, after } = context;
  return after.of('autoscaling', 'HorizontalPodAutoscaler').flatMap((autoscaler) => {
    const target = scaleTarget(autoscaler);
    const was = new Set(lackingIn(before, before.get(autoscaler.id)));
    return lackingIn(after, autoscaler)
      .filter((lack) => !was.has(lack))
      .map((lack) => {
        const message = `scales ${nameOf(context, target)} by its utilization of ${lack}: it cannot tell how many Pods are needed`;
        return finding('autoscaler-off', 'caution', autoscaler.id, message, [target]);
      });
  });
}

/** `cpu, which container web does not request`: https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details */
function lackingIn(world: World, autoscaler: Thing | undefined): string[] {
  if (autoscaler === undefined) return [];
  const podSpec = world.get(scaleTarget(autoscaler))?.workload?.podSpec;
  const metrics = listAt(autoscaler.object, 'spec', 'metrics');
  const utilized = metrics
    .filter((metric) => textAt(metric, 'resource', 'target', 'type') === 'Utilization')
    .map((metric) => textAt(metric, 'resource', 'name'));
  // So it is by default, and always in autoscaling/v1.
  if (metrics.length === 0) utilized.push('cpu');
  const containers = [
    ...listAt(podSpec, 'containers'),
    ...listAt(podSpec, 'initContainers').filter((one) => textAt(one, 'restartPolicy') === 'Always'),
  ];
  return utilized.flatMap((resource) => {
    const without = containers
      .filter((one) =>
        // A limit is the request of what requests nothing.
        ['requests', 'limits'].every(
          (amounts) => valueAt(one, 'resources', amounts, resource) === undefined,
        ),
      )
      .map((one) => textAt(one, 'name'));
    return without.length === 0
      ? []
      : [
          `${resource}, which container${without.length === 1 ? '' : 's'} ${listed(without)} ${without.length === 1 ? 'does' : 'do'} not request`,
        ];
  });
}

/** What other bounds of an autoscaler do to the Pods of its workload, which may not change itself. */
function bounds(context: Context): Finding[] {
  const { before, after } = context;
  return after.of('autoscaling', 'HorizontalPodAutoscaler').flatMap((autoscaler) => {
    const { id, object } = autoscaler;
    const target = scaleTarget(autoscaler);
    const replicas = after.get(target)?.workload?.replicas;
    const old = before.get(id);
    const now = boundsOf(object);
    if (now === undefined || replicas === undefined || replicas === null || replicas === 0)
      return [];
    if (old === undefined || scaleTarget(old) !== target)
      return begun(context, autoscaler, replicas);
    const was = boundsOf(old.object);
    if (was === undefined || (was.min === now.min && was.max === now.max)) return [];
    const [start, end] = [Math.max(now.min - was.min, 0), Math.max(was.max - now.max, 0)];
    const moves = [
      ...(start > 0
        ? [`where it is at its least, ${counted(start, 'Pod')} ${start === 1 ? 'starts' : 'start'}`]
        : []),
      ...(end > 0
        ? [`where it is at its most, ${counted(end, 'Pod')} ${end === 1 ? 'ends' : 'end'}`]
        : []),
    ];
    const holds = `holds ${nameOf(context, target)} at ${now.min} to ${counted(now.max, 'Pod')}, no longer at ${was.min} to ${was.max}`;
    return [finding('autoscaler-bounds', 'note', id, [holds, ...moves].join('; '), [target])];
  });
}

/** What a new autoscaler makes of a workload that is there, and does not say it itself. */
function begun(context: Context, autoscaler: Thing, replicas: number): Finding[] {
  const target = scaleTarget(autoscaler);
  const bounds = boundsOf(autoscaler.object);
  const { from, to } = context.rollouts.get(target)?.rollout ?? {};
  const isOther = context.before.autoscalers().has(target);
  if (bounds === undefined || from !== to || isOther || !context.before.has(target)) return [];
  const [start, end] = [Math.max(bounds.min - replicas, 0), Math.max(replicas - bounds.max, 0)];
  if (start + end === 0) return [];
  const moves =
    start > 0
      ? `${counted(start, 'Pod')} ${start === 1 ? 'starts' : 'start'}`
      : `${counted(end, 'Pod')} ${end === 1 ? 'ends' : 'end'}`;
  const message = `holds ${nameOf(context, target)} at ${bounds.min} to ${counted(bounds.max, 'Pod')}: ${moves}`;
  return [finding('autoscaler-bounds', 'note', autoscaler.id, message, [target])];
}

/** Autoscalers that go, and leave their workload at what they held it at. */
function ended(context: Context): Finding[] {
  const { before, after } = context;
  const scaled = after.autoscalers();
  return [...before.autoscalers()].flatMap(([target, autoscaler]): Finding[] => {
    const workload = after.get(target)?.workload;
    if (workload === undefined || scaled.has(target)) return [];
    const bounds = boundsOf(autoscaler.object);
    const isWritten = context.pairs.some(
      ({ id, new: now }) =>
        id === target && numberAt(now?.object, 'spec', 'replicas') !== undefined,
    );
    const isTakenAway = context.rollouts.get(target)?.replicasTakenAway === true;
    if (bounds === undefined || isWritten || isTakenAway) return [];
    const message = `no longer scales ${nameOf(context, target)}, which keeps the Pods that it has then: ${bounds.min} to ${bounds.max}`;
    return [finding('autoscaler-off', 'note', autoscaler.id, message, [target])];
  });
}

/** Autoscalers of one workload: Kubernetes lets none of them scale (AmbiguousSelector). */
function rivals({ before, after }: Context): Finding[] {
  const known = before.autoscalersByTarget();
  return [...after.autoscalersByTarget()].flatMap(([target, [first, ...others]]): Finding[] => {
    if (first === undefined || others.length === 0 || (known.get(target)?.length ?? 0) > 1)
      return [];
    const names = listed(others.map(({ identity }) => describeIdentity(identity)));
    const message = `scales ${nameOf({ before, after }, target)}, as ${names} ${others.length === 1 ? 'does' : 'do'}: Kubernetes lets none of them scale (AmbiguousSelector)`;
    return [
      finding(
        'owners-overlap',
        'caution',
        first.id,
        message,
        others.map(({ id }) => id),
      ),
    ];
  });
}

function besideReplicas(context: Context): Finding[] {
  const { pairs, before, after, applier } = context;
  const byTarget = after.autoscalers();
  const oldByTarget = before.autoscalers();
  const found: Finding[] = [];
  for (const { id, old, new: now, after: result } of pairs) {
    if (now === undefined) continue;
    const autoscaler = byTarget.get(id);
    const written = numberAt(now.object, 'spec', 'replicas');
    const wasWritten = numberAt(old?.object, 'spec', 'replicas');
    if (autoscaler === undefined) {
      if (
        wasWritten !== undefined &&
        wasWritten > 1 &&
        written === undefined &&
        result !== undefined
      ) {
        found.push(
          finding('replicas-taken-away', 'caution', id, 'replicas is no longer set: it becomes 1'),
        );
      }
      continue;
    }
    if (scaleTarget(autoscaler) !== id) continue;
    const related = [autoscaler.id];
    const name = nameOf(context, autoscaler.id);
    if (written === 0 && wasWritten !== 0) {
      found.push(
        finding(
          'autoscaler-off',
          'caution',
          id,
          `replicas 0 switches ${name} off: it does nothing until somebody scales up by hand`,
          related,
        ),
      );
    } else if (written !== undefined && (wasWritten === undefined || !oldByTarget.has(id))) {
      const message = `sets replicas to ${written} beside ${name}: every apply resets what the autoscaler has made of it; leave replicas out`;
      found.push(finding('replicas-beside-autoscaler', 'caution', id, message, related));
    } else if (written === undefined && wasWritten !== undefined) {
      const message =
        applier === 'kubectl'
          ? `replicas is no longer set: kubectl apply makes it 1, and ${name} scales up again from there; take it out of the last-applied annotation first (kubectl apply edit-last-applied), then from the manifest`
          : `replicas is no longer set: it becomes 1 unless ${name} has set it since, and then stays`;
      found.push(finding('replicas-taken-away', 'caution', id, message, related));
    }
  }
  return found;
}
