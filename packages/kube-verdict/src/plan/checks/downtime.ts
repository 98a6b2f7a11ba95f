import type { Links } from '../links';
import type { Finding } from '../plan-types';
import { type Fields, listAt, textAt } from '../read';
import { duration, listed } from '../wording';
import type { World } from '../world';
import { type Context, finding, isDeleted, nameOf } from './context';

/** Workloads of which no Pod is available for a while, or for good. */
export function downtime(context: Context): Finding[] {
  return [...rolling(context), ...restarted(context)];
}

function rolling(context: Context): Finding[] {
  const found: Finding[] = [];
  for (const [id, { rollout }] of context.rollouts) {
    const { from, to, fewestAvailable, strategy, leastSeconds } = rollout;
    if (from === null || to === null || from === 0 || fewestAvailable !== 0) continue;
    const left = servicesOf(context, id);
    const services =
      left.length === 0
        ? ''
        : `; ${listed(left.map((one) => nameOf(context, one)))} ${left.length === 1 ? 'has' : 'have'} no endpoints meanwhile`;
    const least =
      leastSeconds === null || leastSeconds === 0 ? '' : `, for at least ${duration(leastSeconds)}`;
    let message: string;
    if (to === 0) {
      message = `is scaled to 0: none of its Pods is left${services.replace(' meanwhile', '')}`;
    } else if (strategy === 'Recreate') {
      message = `Recreate: ${from === 1 ? 'its only Pod ends' : `all ${from} Pods end`} before a new one starts, none is available${least} (Pods that still end and are ready serve until they are gone)${services}`;
    } else if (from === 1 || to === 1) {
      message = `its only Pod ends before the new one is available${least}${services}`;
    } else {
      message = `all Pods may be missing at once${services}`;
    }
    found.push(finding('downtime', 'downtime', id, message, left));
  }
  return found;
}

/** Services that have no other Pods than those of the workload. */
export function servicesOf({ linksBefore, before }: Context, workload: string): readonly string[] {
  let known = soleServices.get(linksBefore);
  if (known === undefined) {
    known = servicesByWorkload(linksBefore, before);
    soleServices.set(linksBefore, known);
  }
  return known.get(workload) ?? [];
}

const soleServices = new WeakMap<Links, ReadonlyMap<string, readonly string[]>>();

function servicesByWorkload({ services }: Links, world: World): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [service, workloads] of services) {
    const serving = workloads.filter((one) => world.get(one)?.workload?.replicas !== 0);
    if (serving.length > 1) continue;
    for (const workload of serving.length === 1 ? serving : workloads) {
      const known = found.get(workload);
      if (known === undefined) found.set(workload, [service]);
      else known.push(service);
    }
  }
  return found;
}

/** Containers of bare Pods that restart with another image, where nothing else serves. */
function restarted(context: Context): Finding[] {
  return context.pairs.flatMap(({ id, before, after, accepted }) => {
    if (accepted !== true || before === undefined || after === undefined) return [];
    const containers = restartedContainers(before, after);
    const left = servicesOf(context, id).filter((service) => !isDeleted(context, service));
    if (containers.length === 0 || left.length === 0) return [];
    const names = listed(left.map((one) => nameOf(context, one)));
    const message = `is not ready while ${listed(containers)} restarts: ${names} ${left.length === 1 ? 'has' : 'have'} no endpoints meanwhile`;
    return [finding('downtime', 'downtime', id, message, left)];
  });
}

/**
 * Containers of a Pod whose image changes: the kubelet restarts them, whatever restartPolicy says. Of
 * init containers only those that keep running: others have ended, and are not run again.
 */
export function restartedContainers(before: unknown, after: unknown): string[] {
  return [
    ...movedImages(before, after, 'initContainers').filter(keepsRunning),
    ...movedImages(before, after, 'containers'),
  ].map((container) => textAt(container, 'name'));
}

/** Init containers of a Pod that have another image, and have run with the old one. */
export function endedContainers(before: unknown, after: unknown): string[] {
  return movedImages(before, after, 'initContainers')
    .filter((container) => !keepsRunning(container))
    .map((container) => textAt(container, 'name'));
}

function keepsRunning(container: Fields): boolean {
  return textAt(container, 'restartPolicy') === 'Always';
}

function movedImages(before: unknown, after: unknown, list: string): Fields[] {
  if (textAt(after, 'kind') !== 'Pod') return [];
  const images = new Map(
    listAt(before, 'spec', list).map((one) => [textAt(one, 'name'), textAt(one, 'image')]),
  );
  return listAt(after, 'spec', list).filter((one) => {
    const was = images.get(textAt(one, 'name'));
    return was !== undefined && was !== textAt(one, 'image');
  });
}
