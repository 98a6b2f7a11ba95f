import { type Fields, listAt, textAt, valueAt } from './read';
import type { Thing, World } from './world';

/** The kinds that send requests on to Services. */
const ROUTES = [
  ['networking.k8s.io', 'Ingress'],
  ['gateway.networking.k8s.io', 'HTTPRoute'],
] as const;

/** A Service that requests are sent on to. */
export interface Backend {
  readonly namespace: string | null;
  readonly service: string;
  /** The port, by name or by number; undefined where it has none. */
  readonly port: string | number | undefined;
  /** `shop.example/cart`, or empty for the default backend. */
  readonly route: string;
}

/** The Ingresses and HTTPRoutes of a set; those beside it too where `around` says so. */
export function routesOf(world: World, around = false): readonly Thing[] {
  return ROUTES.flatMap(([group, kind]) =>
    around ? world.around(group, kind) : world.of(group, kind),
  );
}

export function backendsOf({ identity, object }: Thing): Backend[] {
  return identity.kind === 'Ingress'
    ? ofIngress(object, identity.namespace)
    : // A custom resource, which may be written without the namespace that it is applied to.
      ofHttpRoute(object, identity.namespace ?? 'default');
}

function ofIngress(ingress: Fields, namespace: string | null): Backend[] {
  const backends: Backend[] = [];
  const add = (backend: unknown, route: string): void => {
    const service = textAt(backend, 'service', 'name');
    const port =
      valueAt(backend, 'service', 'port', 'name') ?? valueAt(backend, 'service', 'port', 'number');
    if (service !== '') backends.push({ namespace, service, port: portOf(port), route });
  };
  add(valueAt(ingress, 'spec', 'defaultBackend'), '');
  for (const rule of listAt(ingress, 'spec', 'rules')) {
    for (const path of listAt(rule, 'http', 'paths')) {
      add(valueAt(path, 'backend'), `${textAt(rule, 'host')}${textAt(path, 'path')}`);
    }
  }
  return backends;
}

function ofHttpRoute(route: Fields, own: string): Backend[] {
  const [host] = textsOf(valueAt(route, 'spec', 'hostnames'));
  return listAt(route, 'spec', 'rules').flatMap((rule) => {
    const [match] = listAt(rule, 'matches');
    const path = textAt(match, 'path', 'value') || '/';
    return listAt(rule, 'backendRefs').flatMap((backend): Backend[] => {
      const kind = textAt(backend, 'kind') || 'Service';
      const service = textAt(backend, 'name');
      if (kind !== 'Service' || textAt(backend, 'group') !== '' || service === '') return [];
      const namespace = textAt(backend, 'namespace') || own;
      const port = portOf(valueAt(backend, 'port'));
      return [{ namespace, service, port, route: `${host ?? ''}${path}` }];
    });
  });
}

function portOf(port: unknown): Backend['port'] {
  return typeof port === 'string' || typeof port === 'number' ? port : undefined;
}

function textsOf(list: unknown): string[] {
  return Array.isArray(list) ? list.filter((one) => typeof one === 'string') : [];
}
