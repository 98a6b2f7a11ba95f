import type { Finding, Level } from '../plan-types';
import { listAt, numberAt, textAt } from '../read';
import { backendsOf, routesOf } from '../backends';
import type { Thing, World } from '../world';
import { type Context, finding } from './context';

/** Backends of an Ingress or HTTPRoute that this change leaves without a Service, or a port. */
export function routes(context: Context): Finding[] {
  return [...backends(context), ...certificates(context)];
}

/** Secrets of certificates that this change takes from an Ingress. Who else makes them is not known. */
function certificates({ before, after }: Context): Finding[] {
  return after.of('networking.k8s.io', 'Ingress').flatMap(({ id, identity, object }) =>
    listAt(object, 'spec', 'tls').flatMap((tls): Finding[] => {
      const [name, { namespace }] = [textAt(tls, 'secretName'), identity];
      const [was, is] = [before, after].map((world) => world.find('', 'Secret', namespace, name));
      if (was === undefined || is !== undefined) return [];
      const message = `its certificate is in Secret ${name}, which is deleted: once it is gone, TLS is served without it`;
      return [finding('reference-deleted', 'caution', id, message, [was.id])];
    }),
  );
}

function backends(context: Context): Finding[] {
  return routesOf(context.after).flatMap((route) => {
    const was = new Set(
      missingOf(context, context.before, context.before.get(route.id)).map(
        ({ message }) => message,
      ),
    );
    return missingOf(context, context.after, route)
      .filter(({ message }) => !was.has(message))
      .map(({ level, message }) => finding('reference-missing', level, route.id, message));
  });
}

interface Missing {
  readonly level: Level;
  readonly message: string;
}

function missingOf(context: Context, world: World, route: Thing | undefined): Missing[] {
  if (route === undefined) return [];
  return backendsOf(route).flatMap(({ namespace, service, port, route: path }): Missing[] => {
    const of = path === '' ? 'its default backend' : `its backend of ${path}`;
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
