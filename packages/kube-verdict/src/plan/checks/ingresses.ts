import type { Finding, Level } from '../plan-types';
import { listAt, numberAt, textAt } from '../read';
import { backendsOf, type Thing, type World } from '../world';
import { type Context, finding } from './context';

/** Backends of an Ingress that this change leaves without a Service, or a port. */
export function ingresses(context: Context): Finding[] {
  return context.after.of('networking.k8s.io', 'Ingress').flatMap((ingress) => {
    const was = new Set(
      missingOf(context, context.before, context.before.get(ingress.id)).map(
        ({ message }) => message,
      ),
    );
    return missingOf(context, context.after, ingress)
      .filter(({ message }) => !was.has(message))
      .map(({ level, message }) => finding('reference-missing', level, ingress.id, message));
  });
}

interface Missing {
  readonly level: Level;
  readonly message: string;
}

function missingOf(context: Context, world: World, ingress: Thing | undefined): Missing[] {
  if (ingress === undefined) return [];
  const { namespace } = ingress.identity;
  return backendsOf(ingress.object).flatMap(({ service, port, route }): Missing[] => {
    const of = route === '' ? 'its default backend' : `its backend of ${route}`;
    const target = world.find('', 'Service', namespace, service);
    if (target === undefined) {
      return context.before.find('', 'Service', namespace, service) === undefined
        ? [{ level: 'caution', message: `${of}, Service ${service}, is in neither set` }]
        : [{ level: 'downtime', message: `${of}, Service ${service}, is deleted` }];
    }
    if (port === undefined || textAt(target.object, 'spec', 'type') === 'ExternalName') return [];
    const has = listAt(target.object, 'spec', 'ports').some(
      (one) => textAt(one, 'name') === port || numberAt(one, 'port') === port,
    );
    return has
      ? []
      : [{ level: 'downtime', message: `${of}, Service ${service}, has no port ${port}` }];
  });
}
