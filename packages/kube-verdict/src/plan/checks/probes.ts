import type { Finding } from '../plan-types';
import { fieldsAt, listAt, textAt, valueAt } from '../read';
import type { Thing } from '../world';
import { type Context, finding } from './context';

/** The kubelet throws away the result of a probe that it cannot send: https://github.com/kubernetes/kubernetes/blob/v1.34.0/pkg/kubelet/prober/worker.go */
const PROBES = {
  startupProbe: 'it never counts as started, nor becomes ready',
  livenessProbe: 'nothing is asked, and it is never restarted for it',
  readinessProbe: 'it never becomes ready',
} as const;

/** Probes of a port by a name that their container does not have, where this change makes it so. */
export function probes({ before, after }: Context): Finding[] {
  return after.workloads.flatMap((thing) => {
    const removed = unready(before.get(thing.id), thing).map((message) =>
      finding('probe-removed', 'caution', thing.id, message),
    );
    const was = new Set(lost(before.get(thing.id)));
    return [
      ...removed,
      ...lost(thing)
        .filter((message) => !was.has(message))
        .map((message) => finding('reference-missing', 'caution', thing.id, message)),
    ];
  });
}

/** Containers whose readiness nobody asks any more. */
function unready(was: Thing | undefined, is: Thing): string[] {
  const probed = new Set(
    listAt(was?.workload?.podSpec, 'containers')
      .filter((container) => valueAt(container, 'readinessProbe') != null)
      .map((container) => textAt(container, 'name')),
  );
  return listAt(is.workload?.podSpec, 'containers')
    .filter((container) => valueAt(container, 'readinessProbe') == null)
    .filter((container) => probed.has(textAt(container, 'name')))
    .map((container) => {
      const when =
        valueAt(container, 'startupProbe') == null ? 'it runs' : 'its startupProbe has succeeded';
      return `the readinessProbe of ${textAt(container, 'name')} goes: it counts as ready as soon as ${when}, and for as long as it runs`;
    });
}

function lost(thing: Thing | undefined): string[] {
  const podSpec = thing?.workload?.podSpec;
  const containers = ['initContainers', 'containers'].flatMap((list) => listAt(podSpec, list));
  return containers.flatMap((container) => {
    const ports = new Set(listAt(container, 'ports').map((port) => textAt(port, 'name')));
    return Object.entries(PROBES).flatMap(([probe, effect]) =>
      ['httpGet', 'tcpSocket']
        .map((action) => textAt(fieldsAt(container, probe, action), 'port'))
        .filter((port) => port !== '' && !/^\d+$/.test(port) && !ports.has(port))
        .map(
          (port) =>
            `the ${probe} of ${textAt(container, 'name')} asks port ${port}, which the container does not name: ${effect}`,
        ),
    );
  });
}
