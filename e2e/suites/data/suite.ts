import type { Suite } from '../../harness/check';
import { nodesToItself } from '../../system/nodes';
import { GATEWAY, IMAGES, PRODUCTION, RESTIC } from '../../system/names';
import { damageNoticed, pruned, restored } from './backup';
import { bucket, claim } from './backup-target';
import { durability } from './durability';
import { galera } from './galera';
import { STORES } from './galera-cluster';

export interface DataOptions {
  /** How often MySQL is killed. @default 50, and 3 for a self-test */
  readonly kills?: number | undefined;
  /** Whether faults are injected. @default false */
  readonly selfTest?: boolean;
}

const KILLS = 50;
const SELF_TEST_KILLS = 3;

export function data({ selfTest = false, kills }: DataOptions = {}): Suite {
  return {
    name: 'data',
    notes: [
      'data: what stands in for MySQL is MariaDB: it, and not MySQL 8.4, was killed, dumped and restored',
      'data: Galera is three Pods of MariaDB without claims: a node whose container is started again finds its data',
    ],
    requires: {
      enforced: ['NetworkPolicy'],
      other: nodesToItself,
      images: [...Object.values(IMAGES), RESTIC],
    },
    byName: true,
    fixtures: [
      {
        name: 'backups',
        namespaces: [PRODUCTION, GATEWAY],
        checks: [claim, bucket].flatMap((target) => [
          restored(target),
          pruned(target),
          damageNoticed(target),
        ]),
      },
      {
        name: 'durability',
        namespaces: [PRODUCTION, GATEWAY],
        checks: [durability(kills ?? (selfTest ? SELF_TEST_KILLS : KILLS))],
      },
      { name: 'galera', namespaces: [PRODUCTION, GATEWAY, STORES], checks: galera },
    ],
  };
}
