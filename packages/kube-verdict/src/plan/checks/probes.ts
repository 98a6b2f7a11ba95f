import type { Finding } from '../plan-types';
import { fieldsAt, listAt, textAt } from '../read';
import type { Thing } from '../world';
import { type Context, finding } from './context';

const PROBES = {
  startupProbe: 'it is restarted over and over',
  livenessProbe: 'it is restarted over and over',
  readinessProbe: 'it never becomes ready',
} as const;

/** Probes of a port by a name that their container does not have, where this change makes it so. */
export function probes({ before, after }: Context): Finding[] {
  return after.workloads.flatMap((thing) => {
    const was = new Set(lost(before.get(thing.id)));
    return lost(thing)
      .filter((message) => !was.has(message))
      .map((message) => finding('reference-missing', 'caution', thing.id, message));
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
