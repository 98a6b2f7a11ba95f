import { memberSet, perSelection } from '../links';
import type { Finding } from '../plan-types';
import { fieldsAt, listAt, numberAt, textAt } from '../read';
import { serviceSelector, type Thing, type World } from '../world';
import { listed } from '../wording';
import { type Context, finding, hasPods, isDeleted, nameOf } from './context';

/** Services that are left without endpoints, or get those of other workloads. */
export function services(context: Context): Finding[] {
  const before = selectionIn(context.before);
  const after = selectionIn(context.after);
  return [
    ...context.after
      .of('', 'Service')
      .flatMap((service) => [
        ...endpoints(context, service, before, after),
        ...targetPorts(context, service, before, after),
      ]),
    ...deleted(context, after),
  ];
}

/** Services that go, and leave the Pods behind that were called by their names. */
function deleted(context: Context, inAfter: Selection): Finding[] {
  return context.before.of('', 'Service').flatMap(({ id }) => {
    const left = inAfter
      .withPods(context.linksBefore.services.get(id) ?? [])
      .filter((workload) => context.after.has(workload));
    if (!isDeleted(context, id) || left.length === 0) return [];
    const message = `is deleted, and ${listed(left.map((one) => nameOf(context, one)))} ${left.length === 1 ? 'stays' : 'stay'}: requests to its name fail`;
    return [finding('reference-deleted', 'caution', id, message, left)];
  });
}

/** What a Service meets among the workloads that it selects. */
interface Selection {
  /** Those that have any Pods. */
  readonly withPods: (workloads: readonly string[]) => readonly string[];
  /** The names of their ports. */
  readonly ports: (workloads: readonly string[]) => ReadonlySet<string>;
}

function selectionIn(world: World): Selection {
  return {
    withPods: perSelection((workloads) => workloads.filter((id) => hasPods(world.get(id)))),
    ports: perSelection((workloads) => new Set(workloads.flatMap((id) => portsOf(world.get(id))))),
  };
}

function portsOf(thing: Thing | undefined): string[] {
  const spec = fieldsAt(thing?.workload, 'podSpec');
  const containers = [...listAt(spec, 'containers'), ...listAt(spec, 'initContainers')];
  return containers.flatMap((one) =>
    listAt(one, 'ports')
      .flatMap((port) => [textAt(port, 'name'), String(numberAt(port, 'containerPort') ?? '')])
      .filter((port) => port !== ''),
  );
}

function endpoints(
  context: Context,
  { id, object }: Thing,
  inBefore: Selection,
  inAfter: Selection,
): Finding[] {
  const { before, linksBefore, linksAfter, linksAcross } = context;
  const names = (ids: readonly string[]): string => listed(ids.map((one) => nameOf(context, one)));
  const was = inBefore.withPods(linksBefore.services.get(id) ?? []);
  const is = inAfter.withPods(linksAfter.services.get(id) ?? []);
  if (is.length === 0) {
    if (was.length > 0) {
      // The workloads say it themselves, and which Services.
      if (was.every((workload) => context.rollouts.get(workload)?.rollout.to === 0)) return [];
      const alias = textAt(object, 'spec', 'externalName');
      if (textAt(object, 'spec', 'type') === 'ExternalName') {
        const message = `becomes another name of ${alias}: who calls it no longer reaches ${names(was)}`;
        return [finding('hand-over', 'caution', id, message, was)];
      }
      if (serviceSelector(object) === null) {
        const message = `has no selector any more: it keeps the endpoints that it has, and nobody follows the Pods of ${names(was)}`;
        return [finding('selector-matches-nothing', 'caution', id, message, was)];
      }
      const message = `has no endpoints any more: ${whyLost(context, was)}`;
      return [finding('no-endpoints', 'downtime', id, message, was)];
    }
    const matchedNothing = before.has(id) && (linksBefore.services.get(id) ?? []).length === 0;
    const selects =
      serviceSelector(object) !== null && (linksAfter.services.get(id) ?? []).length === 0;
    const message = 'its selector matches no Pods of either set';
    return selects && !matchedNothing
      ? [finding('selector-matches-nothing', 'caution', id, message)]
      : [];
  }
  const found: Finding[] = [];
  // Whose Pods it has at the moment of the apply, before any new one is ready.
  const across = linksAcross.services.get(id) ?? [];
  if (was.length > 0 && inBefore.withPods(across).length === 0) {
    const gone = was.every((workload) => isDeleted(context, workload));
    found.push(
      gone
        ? handOver(id, names(was), names(is), [...was, ...is])
        : finding(
            'no-endpoints',
            'downtime',
            id,
            'has no endpoints until the first new Pod is ready: its new selector does not match the Pods that run now',
            is,
          ),
    );
  } else if (was.length > 0 && was.every((workload) => isDeleted(context, workload))) {
    found.push(handOver(id, names(was), names(is), [...was, ...is]));
  }
  if (is.length > 1 && !is.every((workload) => memberSet(was).has(workload))) {
    const message = `sends requests to the Pods of ${names(is)}`;
    found.push(finding('selector-matches-two', 'caution', id, message, is));
  }
  return found;
}

function whyLost(context: Context, was: readonly string[]): string {
  const { after } = context;
  const lost = listed(was.map((workload) => nameOf(context, workload)));
  const verb = was.length === 1 ? 'is' : 'are';
  if (was.every((workload) => isDeleted(context, workload))) return `${lost} ${verb} deleted`;
  if (was.every((workload) => !hasPods(after.get(workload))))
    return `${lost} ${verb} left without Pods`;
  return `its selector no longer matches the Pods of ${lost}`;
}

function handOver(id: string, old: string, now: string, related: readonly string[]): Finding {
  const message = `moves from the Pods of ${old} to those of ${now}: nothing sees to it that these are ready before those end`;
  return finding('hand-over', 'caution', id, message, related);
}

/** Target ports that no container of the selected Pods names, or declares where one did before. */
function targetPorts(
  context: Context,
  service: Thing,
  inBefore: Selection,
  inAfter: Selection,
): Finding[] {
  const { before, linksBefore, linksAfter } = context;
  const { id } = service;
  const was = new Set(missingPorts(inBefore, before.get(id), linksBefore.services.get(id)));
  return missingPorts(inAfter, service, linksAfter.services.get(id))
    .filter((port) => !was.has(port))
    .flatMap((port) => {
      if (typeof port === 'string') {
        const message = `its target port ${port} is no port of the Pods that it selects: it has no endpoints for it`;
        return [finding('reference-missing', 'downtime', id, message)];
      }
      // Containers need not declare what they listen on: what is new may be so by intent.
      if (!before.has(id)) return [];
      const message = `its target port ${port} is none that the Pods declare which it selects: requests fail unless something listens there`;
      return [finding('reference-missing', 'caution', id, message)];
    });
}

function missingPorts(
  selection: Selection,
  service: Thing | undefined,
  workloads: readonly string[] | undefined,
): (string | number)[] {
  if (service === undefined || workloads === undefined || workloads.length === 0) return [];
  const declared = selection.ports(workloads);
  return listAt(service.object, 'spec', 'ports')
    .map(
      (port) =>
        textAt(port, 'targetPort') ||
        (numberAt(port, 'targetPort') ?? numberAt(port, 'port') ?? ''),
    )
    .filter((port) => port !== '' && !declared.has(String(port)))
    .filter((port) => typeof port === 'string' || declared.size > 0);
}
