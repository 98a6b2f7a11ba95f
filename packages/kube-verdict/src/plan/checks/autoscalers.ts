import type { Finding } from '../plan-types';
import { numberAt } from '../read';
import { boundsOf } from '../rollouts';
import { counted } from '../wording';
import { scaleTarget } from '../world';
import { type Context, finding, nameOf } from './context';

/** Autoscalers and `replicas` that get into each other's way. */
export function autoscalers(context: Context): Finding[] {
  return [...besideReplicas(context), ...bounds(context)];
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
    if (old === undefined || now === undefined || replicas === undefined || replicas === 0)
      return [];
    const was = scaleTarget(old) === target ? boundsOf(old.object) : undefined;
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
