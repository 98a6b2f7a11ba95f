import { same } from '../changed-fields';
import type { Finding } from '../plan-types';
import { textAt, valueAt } from '../read';
import { type Context, finding } from './context';

/** Claims that ask for more: whether they get it is their StorageClass' to say, which no manifest has as a rule. */
export function claims({ pairs, after: world }: Context): Finding[] {
  return pairs.flatMap(({ id, accepted, replaced, before, after, old, new: now }) => {
    const kind = now?.identity.kind;
    if (kind !== 'PersistentVolumeClaim' || accepted !== true || replaced || old === undefined)
      return [];
    const [was, is] = [before, after].map((claim) =>
      valueAt(claim, 'spec', 'resources', 'requests', 'storage'),
    );
    if (same(was, is)) return [];
    const name = textAt(after, 'spec', 'storageClassName');
    const storageClass = world.find('storage.k8s.io', 'StorageClass', null, name)?.object;
    if (valueAt(storageClass, 'allowVolumeExpansion') === true) return [];
    const whose = name === '' ? 'the StorageClass that it has' : `StorageClass ${name}`;
    const message =
      storageClass === undefined
        ? `grows if ${whose} allows it (allowVolumeExpansion); the API server refuses it otherwise`
        : `does not grow: ${whose} does not allow it (allowVolumeExpansion), and the API server refuses it`;
    return [finding('claim-grows', storageClass === undefined ? 'note' : 'caution', id, message)];
  });
}
