import { type Fields, fieldsAt } from './read';

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
