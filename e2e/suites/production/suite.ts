import type { Fixture, Suite } from '../../harness/check';
import { GATEWAY, PRODUCTION } from '../../system/names';
import { needs } from '../../system/production';
import { changes, imageChange, neverReady } from './changes';
import { crashes, killed } from './crashes';
import {
  deletedInTurn,
  disruptions,
  drained,
  evicted,
  storesDrained,
  vanished,
} from './disruptions';
import { rotation } from './rotation';
import { bounds, scaling } from './scaling';
import { fullCost, manyRequests } from './series';
import { mysqlKilled, redisKilled, stores } from './stores';

export interface ProductionOptions {
  /** Whether the suite was named. @default false */
  readonly named?: boolean;
  /** Whether faults are injected. @default false */
  readonly selfTest?: boolean;
}

const namespaces = [PRODUCTION, GATEWAY] as const;

const ALL: readonly Fixture[] = [
  {
    name: 'events',
    namespaces,
    checks: [
      ...[...changes, ...crashes, ...scaling, ...disruptions, ...stores, rotation],
      // The last: for two minutes (nf_conntrack_tcp_timeout_syn_sent) the kernel sends a connection on to a Pod of the
      // vanished node whose client happens to have the port of one that got no answer.
      vanished,
    ],
  },
  {
    name: 'many-requests',
    namespaces,
    checks: [imageChange, bounds, deletedInTurn, killed, drained, mysqlKilled].map((check) =>
      check(manyRequests),
    ),
  },
];

/** One event of each kind, in some ten minutes. */
const FEW: readonly Fixture[] = [
  {
    name: 'events',
    namespaces,
    checks: [
      ...[imageChange(fullCost), neverReady, evicted, killed(fullCost), drained(fullCost)],
      ...[storesDrained, redisKilled, mysqlKilled(fullCost)],
    ],
  },
];

const count = (fixtures: readonly Fixture[]) => fixtures.flatMap(({ checks }) => checks).length;

export function production({ named = false, selfTest = false }: ProductionOptions = {}): Suite {
  return {
    name: 'production',
    notes: [
      'production is under a load of registrations and logins whose arrivals do not wait for answers, half of it on ' +
        'new connections; half of the logins per second that the service was measured to complete, or as a check says',
      'while events are shown, the autoscaler is held at three Pods',
      ...(named
        ? []
        : [`${count(FEW)} of ${count(ALL)} checks of production are run unless --only names it`]),
    ],
    requires: needs,
    // With and without its fault, one check takes five minutes.
    ...(selfTest && !named && { byName: true }),
    fixtures: named ? ALL : FEW,
  };
}
