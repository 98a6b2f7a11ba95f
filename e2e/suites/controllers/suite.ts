/** What each controller of Pods promises. */
import type { Suite } from '../../harness/check';
import { REPLICA_FIXTURES } from './replicas';
import { ROLLOUT_FIXTURES } from './rollouts';
import { STATEFUL_SET_FIXTURES } from './stateful-set';
import { STRATEGY_FIXTURES } from './strategies';
import { IMAGE, NEW_IMAGE } from './workloads';

export const controllers: Suite = {
  name: 'controllers',
  notes: [
    "in controllers the template has the lesson's container redis alone: controllers do not look into a Pod, and three MariaDBs take their time",
  ],
  requires: { images: [IMAGE, NEW_IMAGE] },
  fixtures: [
    ...ROLLOUT_FIXTURES,
    ...STRATEGY_FIXTURES,
    ...REPLICA_FIXTURES,
    ...STATEFUL_SET_FIXTURES,
  ],
};
