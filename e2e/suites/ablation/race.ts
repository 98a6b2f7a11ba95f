/** The unique index, which is left to keep an email with one account while Redis, and with it the lock, is away. */
import type { ProtectionRow } from '../../../commands/protections-svg';
import { type Check, expect, type Figure } from '../../harness/check';
import type { TestContext } from '../../harness/test-context';
import { contend } from '../../system/load';
import { bring } from './checks';

const RACE = { emails: 50, count: 8, callers: 8 } as const;
const EVENT = `emails raced for by ${RACE.callers} clients, Redis away`;

async function withoutRedis(context: TestContext): Promise<void> {
  await bring(context, () => undefined);
  await context.kubectl(['scale', 'statefulset/redis', '--replicas=0']);
  await context.kubectl(['wait', 'pod/redis-0', '--for=delete', '--timeout=60s']);
}

async function sql(context: TestContext, input: string): Promise<void> {
  const client = 'MYSQL_PWD=$(cat /etc/secrets/mysql-root/password) mysql --user=root user';
  await context.kubectl(['exec', '--stdin', 'mysql-0', '--', 'bash', '-c', client], { input });
}

const drop = (context: TestContext) => sql(context, 'ALTER TABLE user DROP INDEX account_key');
const add = (context: TestContext) =>
  sql(context, 'ALTER TABLE user ADD UNIQUE INDEX account_key (account_key)');

async function raced(
  context: TestContext,
  without?: string,
): Promise<Figure & Pick<ProtectionRow, 'harm'>> {
  const { created } = await contend(context, RACE);
  const emails = created.length;
  const once = created.filter((count) => count === 1).length;
  const twice = created.filter((count) => count > 1).length;
  expect(once + twice > 0, () => `none of ${emails} emails was given to anybody`);
  const row: ProtectionRow = {
    ...(without !== undefined && { without }),
    event: EVENT,
    ...(twice > 0 && { harm: `${twice} emails given twice` }),
    raced: { emails, twice },
    ...{
      requests: RACE.count * emails,
      failed: 0,
      secondsAway: 0,
      lost: 0,
      accounts: once + twice,
    },
  };
  const text = `of ${emails} emails ${once} were given to one client, ${twice} to more`;
  return { ...(row.harm !== undefined && { harm: row.harm }), text, data: [row] };
}

const withIt: Check = {
  name: 'with the unique index an email is given to one alone, also while Redis is away',
  how: `${EVENT}; who is answered with 2xx is counted`,
  prepare: withoutRedis,
  run: async (context) => {
    const found = await raced(context);
    expect(found.harm === undefined, () => found.text, found.data);
    return found;
  },
  fault: { what: 'the index is dropped', cluster: drop },
};

const withoutIt: Check = {
  name: 'without the unique index an email is given to several',
  how: `ALTER TABLE user DROP INDEX account_key; ${EVENT}`,
  prepare: async (context) => {
    await withoutRedis(context);
    await drop(context);
  },
  run: async (context) => {
    const found = await raced(context, 'unique index');
    expect(found.harm !== undefined, () => `it changed nothing: ${found.text}`, found.data);
    return found;
  },
  fault: { what: 'the index is there', cluster: add },
};

export const races: readonly Check[] = [withIt, withoutIt];
