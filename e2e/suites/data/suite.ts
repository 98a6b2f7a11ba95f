import type { Suite } from '../../harness/check';
import { GATEWAY, PRODUCTION } from '../../system/names';
import { needs } from '../../system/production';
import { durability } from './durability';

export const data: Suite = {
  name: 'data',
  requires: needs,
  byName: true,
  fixtures: [{ name: 'durability', namespaces: [PRODUCTION, GATEWAY], checks: [durability(50)] }],
};
