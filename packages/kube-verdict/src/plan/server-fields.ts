import { type Fields, fieldsAt, listAt, textAt, valueAt } from './read';

/** What kubectl keeps in an object for itself; of a Secret it holds the values. */
export const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

const KEPT_BY_SERVER = [
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'managedFields',
  'selfLink',
];
const KEPT_IN_ANNOTATIONS = [LAST_APPLIED, 'deprecated.daemonset.template.generation'];

/** What the API server chooses for a Service, each time anew: what nobody has written is not known. */
const ALLOCATED = ['clusterIP', 'clusterIPs', 'healthCheckNodePort'];

/**
 * The object without what the API server would choose.
 * @param known the manifests, and what a cluster holds
 */
export function withoutAllocated(object: Fields, known: readonly (Fields | undefined)[]): Fields {
  if (textAt(object, 'kind') !== 'Service') return object;
  const isWritten = (value: unknown, ...path: string[]): boolean =>
    value === 'None' || known.some((one) => valueAt(one, 'spec', ...path) !== undefined);
  const written = new Set(
    known.flatMap((one) => listAt(one, 'spec', 'ports').map((port) => valueAt(port, 'nodePort'))),
  );
  const spec = { ...fieldsAt(object, 'spec') };
  for (const name of ALLOCATED)
    if (!isWritten(spec[name], name)) Reflect.deleteProperty(spec, name);
  const ports = listAt(spec, 'ports').map(({ nodePort, ...port }) =>
    nodePort !== undefined && written.has(nodePort) ? { ...port, nodePort } : port,
  );
  return { ...object, spec: { ...spec, ...(spec.ports !== undefined && { ports }) } };
}

/** The object without what the API server and kubectl keep in it for themselves. */
export function withoutServerFields(object: Fields): Fields {
  const metadata = { ...fieldsAt(object, 'metadata') };
  const annotations = { ...fieldsAt(metadata, 'annotations') };
  for (const name of KEPT_BY_SERVER) Reflect.deleteProperty(metadata, name);
  for (const name of KEPT_IN_ANNOTATIONS) Reflect.deleteProperty(annotations, name);
  const kept = { ...object, metadata: { ...metadata, annotations } };
  Reflect.deleteProperty(kept, 'status');
  return kept;
}
