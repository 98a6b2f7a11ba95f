/** What `kubectl apply`, client-side and server-side, makes of the manifests. */
import type { Suite } from '../../harness/check';
import { DRIFT_FIXTURES } from './drift';
import { STRATEGY_CHANGE_FIXTURES } from './strategy-change';

export const apply: Suite = {
  name: 'apply',
  fixtures: [...DRIFT_FIXTURES, ...STRATEGY_CHANGE_FIXTURES],
};
