import type { Suite } from '../../harness/check';
import { GATEWAY, PRODUCTION } from '../../system/names';
import { needs } from '../../system/production';
import { baseline, without } from './checks';
import { lessonDeployment } from './lesson';
import { PROTECTIONS } from './protections';

/** One protection off at a time, under the load and the events that production bears. */
export const ablation: Suite = {
  name: 'ablation',
  notes: [
    'not shown: what protects against a loss of power alone (the double write buffer, the flush to disk itself)',
  ],
  requires: {
    ...needs,
    images: [...(needs.images ?? []), 'user', 'mysql-for-user', 'redis:5.0'],
  },
  byName: true,
  fixtures: [
    {
      name: 'protections',
      namespaces: [PRODUCTION, GATEWAY],
      checks: [baseline, ...PROTECTIONS.map(without)],
    },
    { name: 'lesson', namespaces: ['user-lesson', GATEWAY], checks: [lessonDeployment] },
  ],
};
