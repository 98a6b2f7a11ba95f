import type { Suite } from '../../harness/check';
import { GATEWAY, PRODUCTION } from '../../system/names';
import { needs } from '../../system/production';
import { changes, imageChange } from './changes';
import { crashes, killed } from './crashes';
import { deletedInTurn, disruptions, drained } from './disruptions';
import { rotation } from './rotation';
import { bounds, scaling } from './scaling';
import { manyRequests } from './series';
import { mysqlKilled, stores } from './stores';

export const production: Suite = {
  name: 'production',
  notes: [
    'production is under a load of registrations and logins whose arrivals do not wait for answers, half of it on new ' +
      'connections; half of the logins per second that the service was measured to complete',
    'while events are shown, the autoscaler is held at three Pods',
  ],
  requires: needs,
  byName: true,
  fixtures: [
    {
      name: 'events',
      namespaces: [PRODUCTION, GATEWAY],
      checks: [...changes, ...crashes, ...scaling, ...disruptions, ...stores, rotation],
    },
    {
      name: 'many-requests',
      namespaces: [PRODUCTION, GATEWAY],
      checks: [imageChange, bounds, deletedInTurn, killed, drained, mysqlKilled].map((check) =>
        check(manyRequests),
      ),
    },
  ],
};
