/** What was acknowledged outlives MySQL's process, again and again. */
import { setTimeout as passing } from 'node:timers/promises';
import { type Check, expect } from '../../harness/check';
import type { Pod } from '../../harness/objects';
import type { TestContext } from '../../harness/test-context';
import { describe, expectNothingLost, underLoad } from '../../system/outcome';
import { killContainer } from '../../system/processes';
import { logUnflushed, standUp, untilStands } from '../../system/production';

/** Milliseconds of load before each kill, so that there is something to lose. */
const BETWEEN = 3_000;

/** Ends MySQL as a fault does, and its Pod, so that the kubelet's back-off begins anew. */
async function killAndDelete(context: TestContext): Promise<void> {
  const pod = await context.get<Pod>('pod/mysql-0');
  killContainer(pod, 'mysql');
  await context.kubectl(['delete', 'pod', 'mysql-0', '--grace-period=0', '--force']);
  await context.until<boolean>('MySQL to be ready again', async () => {
    const { stdout } = await context.kubectl(['get', 'pod/mysql-0', '--output=json'], {
      allowFailure: true,
    });
    if (stdout === '') return { lastSeen: 'no Pod' };
    const now = JSON.parse(stdout) as Pod;
    const [status] = now.status.containerStatuses ?? [];
    return now.metadata.uid !== pod.metadata.uid && status?.ready === true
      ? { found: true }
      : { lastSeen: now.status.phase ?? 'no phase' };
  });
}

export function durability(kills: number): Check {
  return {
    name: `${kills} kills of MySQL under load lose no acknowledged account`,
    how:
      'SIGKILL to MySQL, its Pod deleted, on the same claim, under registrations and logins; ' +
      'every acknowledged account logs in after the last',
    prepare: (context) => standUp(context),
    run: async (context) => {
      const outcome = await underLoad(context, async () => {
        for (let kill = 0; kill < kills; kill += 1) {
          await passing(BETWEEN);
          await killAndDelete(context);
        }
        await untilStands(context);
      });
      expectNothingLost(outcome);
      const { accounts } = outcome;
      expect(accounts > kills, () => `only ${accounts} accounts were acknowledged`);
      return `${kills} kills; ${describe(outcome)}`;
    },
    fault: {
      what: "MySQL's log is written once a second (innodb_flush_log_at_trx_commit = 0)",
      manifest: logUnflushed,
    },
  };
}
