import type { Suite } from '../../harness/check';
import { GATEWAY, PRODUCTION } from '../../system/names';
import { needs } from '../../system/production';
import { ELSEWHERE, MONITORING, paths } from './paths';
import { pods } from './pods';

export interface IsolationOptions {
  /** Whether the suite was named. @default false */
  readonly named?: boolean;
  /** Whether faults are injected. @default false */
  readonly selfTest?: boolean;
}

export function isolation({ named = false, selfTest = false }: IsolationOptions = {}): Suite {
  return {
    name: 'isolation',
    requires: needs,
    // Each check then has production made twice.
    ...(selfTest && !named && { byName: true }),
    fixtures: [
      {
        name: 'production',
        namespaces: [PRODUCTION, GATEWAY, MONITORING, ELSEWHERE],
        checks: [...paths, ...pods],
      },
    ],
  };
}
