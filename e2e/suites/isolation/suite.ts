import type { Suite } from '../../harness/check';
import { GATEWAY, PRODUCTION } from '../../system/names';
import { needs } from '../../system/production';
import { ELSEWHERE, MONITORING, paths } from './paths';
import { pods } from './pods';

export const isolation: Suite = {
  name: 'isolation',
  requires: needs,
  byName: true,
  fixtures: [
    {
      name: 'production',
      namespaces: [PRODUCTION, GATEWAY, MONITORING, ELSEWHERE],
      checks: [...paths, ...pods],
    },
  ],
};
