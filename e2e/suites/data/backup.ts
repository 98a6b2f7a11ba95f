/** Backups, and the way back from them. */
import { setTimeout as passing } from 'node:timers/promises';
import { type Check, expect } from '../../harness/check';
import type { TestContext } from '../../harness/test-context';
import { inContainerOf, runCronJob } from '../../system/jobs';
import { Load, lostAccounts } from '../../system/load';
import { faultIn, standUp } from '../../system/production';
import type { Target } from './backup-target';
import { loseVolume, restore } from './restore-commands';
import { kept, nights } from './retention';

/** Requests per second. */
const RATE = 8;
/** Milliseconds of load before a backup. */
const LOADED = 15_000;
/** What docs/restore.md says is kept. */
const POLICY = { daily: 7, weekly: 5, monthly: 12 } as const;

let made = 0;
/** Names of Jobs must differ. */
const unique = (name: string) => `${name}-${(made += 1)}`;

function preparedFor(target: Target) {
  return async (context: TestContext) => {
    await standUp(context);
    await target.prepare(context);
  };
}

async function backUp(context: TestContext): Promise<void> {
  const { succeeded, log } = await runCronJob(context, 'mysql-backup', unique('backup'));
  expect(succeeded, () => `the backup failed: ${log}`);
}

/** One of today, whose place the next takes, so that what it alone had goes; and one of yesterday, which stays. */
function preparedWithBackups(target: Target) {
  return async (context: TestContext) => {
    await preparedFor(target)(context);
    await backUp(context);
    const yesterday = asRestic(new Date(Date.now() - 24 * 3600_000));
    const larger = 'head -c 1000000 /dev/urandom >/dump/mysql.sql';
    await inRestic(context, `${larger}\n${backUpAt(yesterday)}`);
  };
}

const scripts = (file: string, change: (text: string) => string) =>
  faultIn('ConfigMap', /^mysql-backup-/, ({ data }) => {
    data[file] = change(data[file] ?? '');
  });

export function restored(target: Target): Check {
  return {
    name: `a backup on ${target.name} that was made under load brings back every account from before it`,
    how:
      'kubectl create job --from=cronjob/mysql-backup under load; the claim of MySQL is deleted; the commands of ' +
      'docs/restore.md; every account that was acknowledged before the backup began logs in',
    prepare: preparedFor(target),
    run: async (context) => {
      const before = await Load.start(context, RATE);
      await passing(LOADED);
      const meanwhile = await Load.start(context, RATE);
      const { accounts } = await before.stop();
      const volume = await volumeOf(context);
      await backUp(context);
      const { accounts: later } = await meanwhile.stop();
      const began = performance.now();
      await loseVolume(context);
      const other = await volumeOf(context);
      expect(other !== volume, () => `the volume is ${volume} as before`);
      await restore(context, unique('restore'));
      const seconds = ((performance.now() - began) / 1000).toFixed(0);
      const lost = await lostAccounts(context, accounts);
      expect(
        lost.length === 0,
        () => `${lost.length} of ${accounts.length} accounts from before the backup are lost`,
      );
      const { length: since } = await lostAccounts(context, later);
      return (
        `${accounts.length} of ${accounts.length} accounts from before the backup are back, ` +
        `${later.length - since} of ${later.length} from while it was made; ` +
        `${seconds} s from the loss of the volume to the restored database in use`
      );
    },
    fault: {
      what: 'a dump has the tables and not their rows (mysqldump --no-data)',
      manifest: scripts('dump.sh', (text) => text.replace('--quick', '--quick --no-data')),
    },
  };
}

/** Which volume MySQL's data is on. */
async function volumeOf(context: TestContext): Promise<string> {
  const { spec } = await context.get('persistentvolumeclaim/data-mysql-0');
  return String(spec.volumeName);
}

export function pruned(target: Target): Check {
  return {
    name: `of old backups on ${target.name} those of ${POLICY.daily} days, ${POLICY.weekly} weeks and ${POLICY.monthly} months are kept`,
    how: '34 older backups are added, dated over the last 14 months; after one more backup, what restic lists is compared with what the policy says',
    prepare: preparedWithBackups(target),
    run: async (context) => {
      const older = nights(new Date());
      const add = older.map((time) => backUpAt(asRestic(time)));
      await inRestic(context, ['date >/dump/mysql.sql', ...add].join('\n'));
      const all = await listed(context);
      await backUp(context);
      const left = await listed(context);
      const latest = left[0];
      expect(latest !== undefined, () => 'no backup is left');
      const wanted = kept([...all, latest], POLICY).map((time) => time.toISOString());
      const found = left.map((time) => time.toISOString());
      expect(
        JSON.stringify(found) === JSON.stringify(wanted),
        () => `kept were ${found.join(', ')}; the policy says ${wanted.join(', ')}`,
      );
      return `${left.length} of ${all.length + 1} backups are kept, those that the policy says`;
    },
    fault: {
      what: 'only one backup of a week is kept',
      manifest: scripts('backup.sh', (text) =>
        text.replace(/--keep-weekly \d+/, '--keep-weekly 1'),
      ),
    },
  };
}

/** Makes a backup as if it were another time. */
const backUpAt = (time: string) =>
  `restic backup --quiet --host user-production --tag mysql --time '${time}' /dump`;

/** Local time, which in a container is UTC. */
function asRestic(time: Date): string {
  return time.toISOString().slice(0, 19).replace('T', ' ');
}

/** When each backup that is kept was made, the latest first. */
async function listed(context: TestContext): Promise<Date[]> {
  const log = await inRestic(context, 'restic snapshots --json');
  const line = log.split('\n').find((one) => one.startsWith('[')) ?? '[]';
  const snapshots = JSON.parse(line) as { time: string }[];
  return snapshots.map(({ time }) => new Date(time)).sort((a, b) => b.getTime() - a.getTime());
}

function inRestic(context: TestContext, script: string): Promise<string> {
  const container = { cronJob: 'mysql-restore', container: 'restic', name: unique('restic') };
  return inContainerOf(context, container, `set -eu\n${script}`);
}

export function damageNoticed(target: Target): Check {
  return {
    name: `a damaged backup on ${target.name} is noticed by the next one, before it is needed`,
    how: "eight bytes are changed in the largest file that is kept, one of yesterday's backup; the next Job has to fail, and its log to name the damage",
    prepare: preparedWithBackups(target),
    run: async (context) => {
      await target.damage(context);
      const began = performance.now();
      const { succeeded, log } = await runCronJob(context, 'mysql-backup', unique('backup'));
      const seconds = ((performance.now() - began) / 1000).toFixed(0);
      expect(!succeeded, () => `the next backup found nothing wrong: ${lastLine(log)}`);
      const lines = log.split('\n');
      const named = lines.find((line) => /\bpack\b.*(?:error|match|hash)/i.test(line));
      expect(named !== undefined, () => `it failed, but not of a damaged file: ${log}`);
      return `the next backup failed after three tries, ${seconds} s: ${named}`;
    },
    fault: {
      what: 'what is kept is not read (restic check without --read-data)',
      manifest: scripts('backup.sh', (text) => text.replace(' --read-data', '')),
    },
  };
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
