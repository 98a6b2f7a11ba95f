/** What each controller of Pods promises. */
import type { Suite } from '../../harness/claim';
import { REPLICA_SCENES } from './replicas';
import { ROLLOUT_SCENES } from './rollouts';
import { STATEFUL_SET_SCENES } from './stateful-set';
import { STRATEGY_SCENES } from './strategies';
import { TEMPLATE_NOTE } from './workloads';

export const controllers: Suite = {
  name: 'controllers',
  notes: [TEMPLATE_NOTE],
  scenes: [...ROLLOUT_SCENES, ...STRATEGY_SCENES, ...REPLICA_SCENES, ...STATEFUL_SET_SCENES],
};
