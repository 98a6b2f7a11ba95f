import type { Suite } from '../../harness/check';
import { GATEWAY, PRODUCTION } from '../../system/names';
import { needs } from '../../system/production';
import { changes } from './changes';
import { disruptions } from './disruptions';
import { rotation } from './rotation';
import { scaling } from './scaling';
import { stores } from './stores';

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
      checks: [...changes, ...scaling, ...disruptions, ...stores, rotation],
    },
  ],
};
