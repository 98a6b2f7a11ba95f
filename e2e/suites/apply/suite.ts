/** What `kubectl apply`, client-side and server-side, makes of the manifests. */
import type { Suite } from '../../harness/claim';
import { TEMPLATE_NOTE } from '../controllers/workloads';
import { DRIFT_SCENES } from './drift';
import { STRATEGY_CHANGE_SCENES } from './strategy-change';

export const apply: Suite = {
  name: 'apply',
  notes: [TEMPLATE_NOTE],
  scenes: [...DRIFT_SCENES, ...STRATEGY_CHANGE_SCENES],
};
