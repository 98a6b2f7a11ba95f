/** The service on a store of several nodes, of which each takes writes. */
import { type Check, expect, type Requirements } from '../../harness/check';
import type { TestContext } from '../../harness/test-context';
import { contend, measureLogins } from '../../system/load';
import { describe, expectTurnedAwayAlone, underLoad } from '../../system/outcome';
import { killContainer } from '../../system/processes';
import {
  type Accounts,
  conflicts,
  NODES,
  nodesOf,
  scaleGalera,
  sql,
  startGalera,
  STORES,
  untilNodes,
} from './galera-cluster';
import { standUpOnGalera } from './on-galera';

/** Some of what is pulled as MySQL has no Galera, and one check kills a process of it. */
const requires: Requirements['other'] = ({ fromSource }) =>
  Promise.resolve(
    fromSource === undefined
      ? 'needs the images that a cluster built from source gets, which have Galera'
      : undefined,
  );

const started = new WeakMap<TestContext, Accounts>();
const standing = new WeakSet<TestContext>();

async function prepareNodes(context: TestContext): Promise<Accounts> {
  const accounts = started.get(context) ?? (await startGalera(context));
  started.set(context, accounts);
  return accounts;
}

async function prepare(context: TestContext): Promise<void> {
  const accounts = await prepareNodes(context);
  if (!standing.has(context)) await standUpOnGalera(context, accounts, 1);
  standing.add(context);
}

/** Schema migrations at the same time. */
const MIGRATIONS = 3;

const migratedOnce: Check = {
  name: `${MIGRATIONS} migrations at the same time, on ${NODES} nodes of Galera, change the schema once`,
  how:
    `production's Microservice with external() is applied, its migration Job with ${MIGRATIONS} Pods; GET_LOCK locks nothing between ` +
    'nodes; goose_db_version and the tables have to be the same on each node, each version applied once',
  requires,
  prepare: async (context) => {
    await prepareNodes(context);
  },
  run: async (context) => {
    const accounts = await prepareNodes(context);
    await standUpOnGalera(context, accounts, MIGRATIONS);
    standing.add(context);
    const { status } = await context.get<{ status: { succeeded?: number; failed?: number } }>(
      `job/${await jobName(context)}`,
    );
    expect(status.succeeded === MIGRATIONS, () => `the Job is ${JSON.stringify(status)}`);
    const versions = await sql(
      context,
      'SELECT version_id, COUNT(*) FROM user.goose_db_version WHERE is_applied GROUP BY version_id',
    );
    const [first = ''] = versions;
    const rows = first.trim().split('\n');
    expect(
      rows.every((row) => row.endsWith('\t1')),
      () => `versions and how often they were applied: ${rows.join(', ')}`,
    );
    const tables = await sql(context, 'SHOW TABLES FROM user');
    for (const answers of [versions, tables])
      expect(new Set(answers).size === 1, () => `the nodes differ: ${answers.join(' / ')}`);
    return `${MIGRATIONS} of ${MIGRATIONS} succeeded, ${status.failed ?? 0} tried again; each of ${rows.length} versions applied once, the same on ${versions.length} nodes`;
  },
  fault: {
    what: 'changes of the schema stay on the node that they meet (wsrep_OSU_method = RSU)',
    cluster: async (context) => {
      await sql(context, "SET GLOBAL wsrep_OSU_method = 'RSU'");
    },
  },
};

async function jobName(context: TestContext): Promise<string> {
  const [job] = await context.list('jobs');
  return job?.metadata.name ?? 'none';
}

async function dropIndex(context: TestContext): Promise<void> {
  // The first node's change is every node's.
  await sql(context, 'ALTER TABLE user.user DROP INDEX account_key').catch(() => undefined);
}

async function stopRedis(context: TestContext): Promise<void> {
  await context.kubectl(['scale', 'statefulset/redis', '--replicas=0']);
  await context.kubectl(['wait', 'pod/redis-0', '--for=delete', '--timeout=60s']);
}

/** Has emails raced for. @returns what was answered. @throws {CheckFailure} unless each has one winner, and all others are told. */
async function race(
  context: TestContext,
  counts: Readonly<Record<'emails' | 'count' | 'callers', number>>,
): Promise<string> {
  const before = await conflicts(context);
  const { created, conflicts: refused, others, turnedAway } = await contend(context, counts);
  const inEachOthersWay = (await conflicts(context)) - before;
  const wrong = Object.entries(others);
  const answers =
    `acknowledged by email ${created.join(', ')}; ${refused} told that it is taken` +
    wrong.map(([status, count]) => `, ${count} status ${status}`).join('');
  expect(
    created.length === counts.emails &&
      created.every((count) => count === 1) &&
      refused === counts.emails * (counts.count - 1) &&
      wrong.length === 0,
    () => answers,
  );
  return (
    `each of ${created.length} emails acknowledged once, ${refused} told that it is taken, no other answer; ` +
    `${inEachOthersWay} conflicts between nodes, none shown; ${turnedAway} times a client was told to come back`
  );
}

const REGISTRATIONS = 1000;
/** At once. */
const CALLERS = 32;

const oneEmail: Check = {
  name: `of ${REGISTRATIONS} registrations of one email exactly one is acknowledged, whichever nodes they meet`,
  how:
    `${REGISTRATIONS} registrations, ${CALLERS} at once on connections of their own, through three replicas whose connections are ` +
    `spread over ${NODES} nodes of Galera; Redis, which keeps them apart as well, is there`,
  requires,
  prepare,
  run: async (context) => {
    const counts = { emails: 1, count: REGISTRATIONS, callers: CALLERS };
    const figure = await race(context, counts);
    const rows = await sql(
      context,
      "SELECT COUNT(*) FROM user.user WHERE email LIKE 'contended-%'",
    );
    return `${figure}; rows by node ${rows.map((count) => count.trim()).join(', ')}`;
  },
  fault: {
    what: 'no unique index on the email, and no Redis: without the one, the other keeps registrations apart',
    cluster: async (context) => {
      await dropIndex(context);
      await stopRedis(context);
    },
  },
};

/** As each replica lets one registration of an email through at a time, three meet in the database. */
const RACES = { emails: 200, count: 12, callers: 12 } as const;

const withoutRedis: Check = {
  name: `of ${RACES.count} registrations of one email exactly one is acknowledged, also while Redis is away`,
  how:
    `${RACES.emails} emails, each registered by ${RACES.callers} clients at once, with Redis scaled to 0, so that nothing keeps replicas ` +
    'apart but the unique index',
  requires,
  prepare: async (context) => {
    await prepare(context);
    await stopRedis(context);
  },
  run: (context) => race(context, RACES),
  fault: { what: 'no unique index on the email', cluster: dropIndex },
};

/** Seconds within which no client is turned away any more. */
const BACK = 30;

const nodeKilled: Check = {
  name: `a killed node of Galera loses no account, and turns clients away for at most ${BACK} s`,
  how: 'SIGKILL to the first of three nodes under load, until it has joined again; each failure has to be 503 with Retry-After',
  requires,
  prepare,
  run: async (context) => {
    const outcome = await underLoad(context, async () => {
      const [pod] = await nodesOf(context);
      if (pod === undefined) throw new Error('there is no node');
      killContainer(pod, 'mysql');
      await context.until<boolean>('it to be gone', async () => {
        const [now] = await nodesOf(context);
        const restarts = (of: typeof now) => of?.status.containerStatuses?.[0]?.restartCount ?? 0;
        return restarts(now) > restarts(pod) ? { found: true } : { lastSeen: 'not restarted' };
      });
      await untilNodes(context, NODES);
    });
    const back = expectTurnedAwayAlone(outcome, BACK);
    return `last failure ${back.toFixed(1)} s after the kill; joined again; ${describe(outcome)}`;
  },
  fault: {
    what: 'the other two nodes go in the same moment',
    cluster: async (context) => {
      setTimeout(() => {
        void context.kubectl(
          [`--namespace=${STORES}`, 'delete', 'pod', 'galera-1', 'galera-2', '--grace-period=1'],
          { allowFailure: true },
        );
      }, GO);
      return Promise.resolve();
    },
  },
};

/** Milliseconds after the check begins: while the load is held. */
const GO = 12_000;

const throughput: Check = {
  name: 'logins per second with one, two and three nodes of Galera',
  how:
    'eight callers on each node of Kubernetes log in for 5 s, with the same three replicas; all on this one machine, ' +
    'whose processors hash and which gets faster and slower as others use it',
  requires,
  prepare,
  run: async (context) => {
    const measured: string[] = [];
    for (const count of [3, 2, 1]) {
      await scaleGalera(context, count);
      const logins = await measureLogins(context);
      expect(logins > 0, () => `with ${count} nodes no login was completed`);
      measured.push(`${count}: ${logins.toFixed(1)}/s`);
    }
    await scaleGalera(context, NODES);
    return `by number of nodes ${measured.join(', ')}`;
  },
  fault: {
    what: 'the one address leads to none of them',
    cluster: async (context) => {
      const patch = JSON.stringify({ spec: { selector: { app: 'none' } } });
      await context.kubectl([
        `--namespace=${STORES}`,
        'patch',
        'service/galera',
        `--patch=${patch}`,
      ]);
    },
  },
};

/** The last leaves Redis away. */
export const galera: readonly Check[] = [
  migratedOnce,
  oneEmail,
  nodeKilled,
  throughput,
  withoutRedis,
];
