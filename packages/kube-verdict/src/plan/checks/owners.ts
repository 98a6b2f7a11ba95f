import { memberSet } from '../links';
import type { Finding } from '../plan-types';
import { type Context, finding, nameOf } from './context';

/** Controllers that would own the same Pods. */
export function owners(context: Context): Finding[] {
  const { before, after, linksBefore, linksAfter } = context;
  const found: Finding[] = [];
  const told = new Set<string>();
  // What is new comes before what it meets.
  const links = [...linksAfter.owners].sort(([a], [b]) => +before.has(a) - +before.has(b));
  for (const [id, others] of links) {
    const owner = after.get(id);
    if (owner === undefined) continue;
    const was = memberSet(linksBefore.owners.get(id) ?? []);
    for (const other of others) {
      if (other === id || (before.has(id) && was.has(other))) continue;
      const kind = after.get(other)?.identity.kind;
      if (kind === 'Pod') {
        const adopts = [
          'ReplicaSet',
          'ReplicationController',
          'StatefulSet',
          'DaemonSet',
          'Deployment',
        ];
        if (!adopts.includes(owner.identity.kind)) continue;
        found.push(
          finding('pod-adopted', 'caution', id, adoption(context, owner.identity.kind, other), [
            other,
          ]),
        );
      } else {
        // Told once where each matches the other's.
        if (told.has(`${other} ${id}`)) continue;
        told.add(`${id} ${other}`);
        const message = `its selector also matches the Pods of ${nameOf(context, other)}: a Pod that loses its owner goes to either, and autoscalers and budgets count both`;
        found.push(finding('owners-overlap', 'caution', id, message, [other]));
      }
    }
  }
  return found;
}

function adoption(context: Context, kind: string, pod: string): string {
  const name = nameOf(context, pod);
  switch (kind) {
    case 'Deployment':
      // Its ReplicaSets look for pod-template-hash too, which a Pod of one's own lacks.
      return `its selector matches ${name}, which it does not adopt: Services and budgets take it for one of its Pods`;
    case 'StatefulSet':
      return `its selector matches ${name}: it adopts it if its name is that of one of its Pods`;
    default:
      return `adopts ${name}, which has the labels that it selects: it counts as one of its Pods and may be ended`;
  }
}
