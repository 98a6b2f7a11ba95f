import type { Suite } from '../../harness/check';
import { GATEWAY, PRODUCTION } from '../../system/names';
import { processesInSight } from '../../system/nodes';
import { needs } from '../../system/production';
import { checks } from './checks';
import { lesson } from './lesson';
import { races } from './race';

/** One protection off at a time, under the events that production bears, and the lesson's Deployment beside. */
export const ablation: Suite = {
  name: 'ablation',
  notes: [
    'not shown by ablation: what protects against a loss of power alone (the flush of MySQL’s log to the disk itself, ' +
      'the double write buffer), and the grace period: kubelet gives each process two seconds in any case, and no ' +
      'request takes as long here',
  ],
  requires: {
    ...needs,
    other: processesInSight,
    images: [...(needs.images ?? []), 'user', 'mysql-for-user', 'redis:5.0'],
  },
  byName: true,
  fixtures: [
    { name: 'protections', namespaces: [PRODUCTION, GATEWAY], checks: [...checks, ...races] },
    { name: 'lesson', namespaces: ['user-lesson', GATEWAY], checks: [lesson] },
  ],
};
