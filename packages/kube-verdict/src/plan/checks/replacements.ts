import { FORCE } from '../flux';
import type { Finding } from '../plan-types';
import { listed } from '../wording';
import { type Context, finding, hasPods, nameOf } from './context';
import { ofDeleted } from './deletions';
import { servicesOf } from './downtime';

/** What is not there, and what is lost, where an object is deleted and created anew. */
export function replacements(context: Context): Finding[] {
  const { pairs, before } = context;
  const refused = pairs.filter(({ accepted }) => accepted === false);
  return pairs
    .filter(({ replaced }) => replaced)
    .flatMap(({ id, accepted, new: now }) => {
      const services = servicesOf(context, id);
      const pods = hasPods(before.get(id)) ? 'none of its Pods is available' : '';
      const names = listed(services.map((one) => nameOf(context, one)));
      const served =
        services.length > 0
          ? `${names} ${services.length === 1 ? 'has' : 'have'} no endpoints`
          : '';
      const requests = now?.identity.kind === 'Service' ? 'requests to it fail' : '';
      const missing = [pods, served, requests].filter(Boolean).join('; ');
      const why =
        accepted === false
          ? `Flux deletes it first (${FORCE}), and finds then that the new one is refused as well`
          : refused.length > 0
            ? `Flux deletes it first (${FORCE}), and finds then that something of the set is refused`
            : '';
      const lost = ofDeleted(context, id, now?.identity.kind ?? '');
      if (why === '' && missing === '') return lost;
      const message =
        why === ''
          ? `${missing} meanwhile`
          : [`${why}: it stays away until the whole set is accepted`, missing]
              .filter(Boolean)
              .join('; ');
      return [
        finding('replaced', missing === '' ? 'caution' : 'downtime', id, message, services),
        ...lost,
      ];
    });
}
