import { apply } from './apply/suite';
import type { Suite } from './claim';
import { controllers } from './controllers/suite';
import { lesson } from './lesson/suite';

/** What `npm run e2e` runs, in this order. */
export const SUITES: readonly Suite[] = [lesson, controllers, apply];
