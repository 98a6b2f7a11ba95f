import { describeIdentity } from '../../verdict/identity';
import type { Finding } from '../plan-types';
import { listAt, textAt, valueAt } from '../read';
import { counted, listed } from '../wording';
import { type Context, finding } from './context';

/** Data that goes with what is deleted. */
export function deletions(context: Context): Finding[] {
  const { pairs, before } = context;
  const found: Finding[] = [];
  for (const { id, old, new: now, after, same } of pairs) {
    if (old === undefined) continue;
    if (now === undefined && same) {
      const message =
        'is no longer in the set and stays: Flux is told not to prune it (kustomize.toolkit.fluxcd.io/prune: disabled)';
      found.push(finding('not-pruned', 'caution', id, message));
    } else if (now === undefined) {
      found.push(...ofDeleted(context, id, old.identity.kind));
    } else if (after !== undefined && old.identity.kind === 'StatefulSet') {
      found.push(...ofScaledDown(context, id), ...ofRetention(context, id));
    }
  }
  return found.filter(({ object }) => before.has(object));
}

/** What goes with an object of that kind. */
export function ofDeleted(
  context: Pick<Context, 'before' | 'after'>,
  id: string,
  kind: string,
): Finding[] {
  const thing = context.before.get(id);
  if (thing === undefined) return [];
  const { object, identity } = thing;
  switch (kind) {
    case 'PersistentVolumeClaim':
      return [
        finding(
          'data-deleted',
          'data-loss',
          id,
          'its data go with it where the reclaim policy of its volume is Delete, as that of most StorageClasses is',
        ),
      ];
    case 'PersistentVolume':
      return [finding('data-deleted', 'data-loss', id, 'the cluster forgets where its data are')];
    case 'Namespace': {
      const inside = [...context.before.all()].filter(
        (one) => one.identity.namespace === identity.name,
      );
      const claims = inside.filter((one) => one.identity.kind === 'PersistentVolumeClaim');
      const kept = inside
        .filter(({ id: other }) => context.after.has(other))
        .map((one) => describeIdentity(one.identity));
      const what = [
        ...(inside.length > 0 ? [`${counted(inside.length, 'object')} of this set`] : []),
        ...(claims.length > 0 ? [`the data of ${counted(claims.length, 'claim')}`] : []),
      ];
      const still =
        kept.length > 0
          ? `; ${listed(kept.slice(0, 3))} of the new set ${kept.length === 1 ? 'is' : 'are'} still in it`
          : '';
      return [
        finding(
          'namespace-deleted',
          'data-loss',
          id,
          `everything in it goes with it${what.length > 0 ? `: ${listed(what)}` : ''}${still}`,
        ),
      ];
    }
    case 'CustomResourceDefinition': {
      const [group, own] = [
        textAt(object, 'spec', 'group'),
        textAt(object, 'spec', 'names', 'kind'),
      ];
      const gone = context.before.of(group, own).length;
      const kept = context.after.of(group, own).map((one) => describeIdentity(one.identity));
      const known = gone > 0 ? `: ${counted(gone, 'object')} of this set among them` : '';
      const still =
        kept.length > 0
          ? `; ${listed(kept, 3)} of the new set ${kept.length === 1 ? 'is' : 'are'} still of that kind`
          : '';
      const message = `every ${own} of the cluster goes with it${known}${still}`;
      return [finding('definition-deleted', 'data-loss', id, message)];
    }
    case 'StatefulSet': {
      const claims = listAt(object, 'spec', 'volumeClaimTemplates');
      if (claims.length === 0) return [];
      const names = listed(claims.map((claim) => textAt(claim, 'metadata', 'name')));
      return valueAt(object, 'spec', 'persistentVolumeClaimRetentionPolicy', 'whenDeleted') ===
        'Delete'
        ? [
            finding(
              'data-deleted',
              'data-loss',
              id,
              `the claims of its template ${names} are deleted with it (whenDeleted: Delete), and their data`,
            ),
          ]
        : [
            finding(
              'claims-left',
              'note',
              id,
              `the claims of its template ${names} stay, with their data`,
            ),
          ];
    }
    default:
      return [];
  }
}

const RETENTION = {
  whenDeleted: 'the StatefulSet itself (whenDeleted: Delete)',
  whenScaled: 'the Pods that scaling takes (whenScaled: Delete)',
} as const;

/** Claims that from now on go with what they outlived. */
function ofRetention({ before, after }: Context, id: string): Finding[] {
  const [was, is] = [before, after].map((world) => world.get(id)?.object);
  const occasions = Object.entries(RETENTION).flatMap(([name, occasion]) => {
    const [old, now] = [was, is].map((object) =>
      textAt(object, 'spec', 'persistentVolumeClaimRetentionPolicy', name),
    );
    return now === 'Delete' && old !== 'Delete' ? [occasion] : [];
  });
  if (occasions.length === 0 || listAt(is, 'spec', 'volumeClaimTemplates').length === 0) return [];
  const message = `its claims, and their data, go from now on with ${listed(occasions)}`;
  return [finding('data-deleted', 'caution', id, message)];
}

function ofScaledDown({ rollouts, after }: Context, id: string): Finding[] {
  const object = after.get(id)?.object;
  const { from, to } = rollouts.get(id)?.rollout ?? {};
  if (typeof from !== 'number' || typeof to !== 'number' || to >= from) return [];
  if (listAt(object, 'spec', 'volumeClaimTemplates').length === 0) return [];
  return valueAt(object, 'spec', 'persistentVolumeClaimRetentionPolicy', 'whenScaled') === 'Delete'
    ? [
        finding(
          'data-deleted',
          'data-loss',
          id,
          `the claims of the ${counted(from - to, 'Pod')} that go are deleted too (whenScaled: Delete), and their data`,
        ),
      ]
    : [
        finding(
          'claims-left',
          'note',
          id,
          `the claims of the ${counted(from - to, 'Pod')} that go stay, with their data`,
        ),
      ];
}
