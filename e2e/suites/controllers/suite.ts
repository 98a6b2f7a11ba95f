/** What each controller of Pods promises. */
import type { Suite } from '../../harness/check';
import { REPLICA_FIXTURES } from './replicas';
import { ROLLOUT_FIXTURES } from './rollouts';
import { STATEFUL_SET_FIXTURES } from './stateful-set';
import { STRATEGY_FIXTURES } from './strategies';
import { TEMPLATE_NOTE } from './workloads';

export const controllers: Suite = {
  name: 'controllers',
  notes: [TEMPLATE_NOTE],
  fixtures: [
    ...ROLLOUT_FIXTURES,
    ...STRATEGY_FIXTURES,
    ...REPLICA_FIXTURES,
    ...STATEFUL_SET_FIXTURES,
  ],
};
