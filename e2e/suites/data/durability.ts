/** What was acknowledged outlives MySQL's process, again and again. */
import { setTimeout as passing } from 'node:timers/promises';
import { type Check, expect } from '../../harness/check';
import type { Pod } from '../../harness/objects';
import type { TestContext } from '../../harness/test-context';
import { describe, expectNothingLost, underLoad } from '../../system/outcome';
import { processesInSight } from '../../system/nodes';
import { killContainer } from '../../system/processes';
import { logUnflushed, standUp, untilStands, UP_TIMEOUT } from '../../system/production';

/** Milliseconds of load before each kill, so that there is something to lose. */
const BETWEEN = 3_000;

/** @param kills how many. */
export function durability(kills: number): Check {
  return {
    name: `${kills} kills of MySQL under load lose no acknowledged account`,
    how:
      'SIGKILL to MySQL, then its Pod deleted so that the back-off begins anew, on the same claim, under ' +
      'registrations and logins; every acknowledged account logs in after the last',
    requires: processesInSight,
    prepare: (context) => standUp(context),
    run: async (context) => {
      const claim = await claimOf(context);
      const seconds: number[] = [];
      const outcome = await underLoad(context, async () => {
        for (let kill = 0; kill < kills; kill += 1) {
          await passing(BETWEEN);
          const killed = performance.now();
          await killAndDelete(context);
          seconds.push((performance.now() - killed) / 1000);
        }
        await untilStands(context);
      });
      expectNothingLost(outcome);
      const { accounts } = outcome;
      expect(accounts > kills, () => `only ${accounts} accounts were acknowledged`);
      const now = await claimOf(context);
      expect(now === claim, () => `the claim was ${claim}, and is ${now}`);
      const slowest = Math.max(...seconds).toFixed(1);
      return `${kills} kills, ready again after at most ${slowest} s; ${describe(outcome)}`;
    },
    fault: {
      what: "MySQL's log is written once a second (innodb_flush_log_at_trx_commit = 0)",
      manifest: logUnflushed,
    },
  };
}

async function claimOf(context: TestContext): Promise<string> {
  return (await context.get('persistentvolumeclaim/data-mysql-0')).metadata.uid;
}

async function killAndDelete(context: TestContext): Promise<void> {
  const pod = await context.get<Pod>('pod/mysql-0');
  killContainer(pod, 'mysql');
  await context.kubectl(['delete', 'pod', 'mysql-0', '--wait=false']);
  await context.until<boolean>(
    'MySQL to be ready again',
    async () => {
      const [now] = await context.list<Pod>('pods', '--field-selector=metadata.name=mysql-0');
      const ready = now?.status.containerStatuses?.[0]?.ready === true;
      return now !== undefined && now.metadata.uid !== pod.metadata.uid && ready
        ? { found: true }
        : { lastSeen: now?.status.phase ?? 'no Pod' };
    },
    UP_TIMEOUT,
  );
}
