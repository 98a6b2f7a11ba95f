/** Stores that are killed. */
import type { Check, Fault } from '../../harness/check';
import type { Pod } from '../../harness/objects';
import type { TestContext } from '../../harness/test-context';
import { killStore } from '../../system/events';
import { processesInSight } from '../../system/nodes';
import { describe, expectNoHarm, expectTurnedAwayAlone, underLoad } from '../../system/outcome';
import { logUnflushed } from '../../system/production';
import { fullCost, type Series } from './series';

const { prepare } = fullCost;

/** Milliseconds after the check begins: while the load is held. */
const MYSQL_GOES = 9_000;

export const mysqlGoes: Fault = {
  what: 'MySQL goes in the same moment',
  cluster: (context) => {
    setTimeout(() => {
      void mysqlAway(context);
    }, MYSQL_GOES);
    return Promise.resolve();
  },
};

const mysqlGoesWithRedis: Fault = {
  what: 'MySQL goes with it',
  cluster: (context) => {
    // Where the check ends first, it does not go.
    void goWithRedis(context).catch(() => undefined);
    return Promise.resolve();
  },
};

async function mysqlAway(context: TestContext): Promise<void> {
  await context.kubectl(['scale', 'statefulset/mysql', '--replicas=0'], { allowFailure: true });
}

async function goWithRedis(context: TestContext): Promise<void> {
  const restarts = async () => {
    const { status } = await context.get<Pod>('pod/redis-0');
    return status.containerStatuses?.[0]?.restartCount ?? 0;
  };
  const before = await restarts();
  await context.until<boolean>('Redis to go', async () => {
    const now = await restarts();
    return now > before ? { found: true } : { lastSeen: `${now} restarts` };
  });
  await mysqlAway(context);
}

export const redisKilled: Check = {
  name: 'a killed Redis fails no request',
  how: 'SIGKILL to Redis under load, until it is ready again',
  requires: processesInSight,
  prepare,
  run: (context) => expectNoHarm(context, () => killStore(context, 'redis')),
  fault: mysqlGoesWithRedis,
};

/** Seconds within which the service answers again. */
const BACK = 30;

export const mysqlKilled = ({ suffix, load, prepare }: Series): Check => ({
  name: `a killed MySQL turns clients away for at most ${BACK} s, and loses no account${suffix}`,
  how: 'SIGKILL to MySQL under load, until it is ready again; each failure has to be 503 with Retry-After',
  requires: processesInSight,
  prepare,
  run: async (context) => {
    const outcome = await underLoad(context, () => killStore(context, 'mysql'), load);
    const back = expectTurnedAwayAlone(outcome, BACK);
    return `back after ${back.toFixed(1)} s; ${describe(outcome)}`;
  },
  fault: {
    what: "MySQL's log is written once a second (innodb_flush_log_at_trx_commit = 0)",
    manifest: logUnflushed,
  },
});

export const stores: readonly Check[] = [redisKilled, mysqlKilled(fullCost)];
