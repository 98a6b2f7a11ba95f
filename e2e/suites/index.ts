import { ablation } from './ablation/suite';
import { apply } from './apply/suite';
import type { Suite } from '../harness/check';
import { controllers } from './controllers/suite';
import { data, type DataOptions } from './data/suite';
import { gitops } from './gitops/suite';
import { isolation, type IsolationOptions } from './isolation/suite';
import { lesson } from './lesson/suite';
import { parity, type ParityOptions } from './parity/suite';
import { plan, type PlanOptions } from './plan/suite';
import { production, type ProductionOptions } from './production/suite';

/** What `npm run e2e` runs; its report has them in this order. */
export function suitesOf(
  options: ParityOptions & PlanOptions & ProductionOptions & IsolationOptions & DataOptions = {},
): readonly Suite[] {
  return [
    ...[lesson, controllers, apply, parity(options), plan(options)],
    ...[production(options), isolation(options), ablation, gitops, data(options)],
  ];
}
