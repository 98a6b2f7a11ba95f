import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Size } from 'cdk8s';
import { provide } from '../../commands/test/provide';
import { MySql } from '../../lib';
import { manifestsOf } from './manifests';

const folder = mkdtempSync(join(tmpdir(), 'accounts-'));
const socket = join(folder, 'socket');
let stop: () => Promise<unknown> = () => Promise.resolve();

beforeAll(async () => {
  const { mysql } = await provide(['mysql']);
  const data = join(folder, 'data');
  execFileSync('mariadb-install-db', [
    ...['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal'],
    ...['--skip-test-db', '--user=root'],
  ]);
  const server = spawn(
    mysql,
    [
      ...['--no-defaults', `--datadir=${data}`, `--socket=${socket}`, '--user=root'],
      '--skip-networking',
    ],
    { stdio: 'ignore' },
  );
  const ended = new Promise((resolve) => server.once('exit', resolve));
  stop = () => {
    server.kill();
    return ended;
  };
  const deadline = Date.now() + 60_000;
  while (sql('root', 'SELECT 1').status !== 0) {
    if (Date.now() > deadline) throw new Error(sql('root', 'SELECT 1').stderr);
    await wait(100);
  }
  write('.my.cnf', `[client]\nsocket = ${socket}\n`);
  write('etc/secrets/mysql-root/password', 'root');
  for (const role of ['user', 'owner', 'backup']) {
    write(`etc/secrets/mysql-${role}/username`, `${role}_1`);
    write(`etc/secrets/mysql-${role}/password`, PASSWORD);
  }
  const scripts = manifestsOf((environment) => {
    new MySql(environment, 'mysql', {
      image: 'mysql:8.4',
      storage: Size.gibibytes(1),
      tls: false,
    });
  }).find(({ metadata }) => metadata.name.startsWith('mysql-init-'));
  for (const [name, text] of Object.entries(scripts?.data ?? {}))
    write(
      `docker-entrypoint-initdb.d/${name}`,
      text.replaceAll(/\/(etc\/secrets|docker-entrypoint-initdb\.d)/g, `${folder}/$1`),
    );
  expect(
    sql('root', "SET PASSWORD FOR 'root'@'localhost' = PASSWORD('root'); CREATE DATABASE user")
      .status,
  ).toBe(0);
  expect(run('accounts.sh')).toMatchObject({ status: 0, stderr: '' });
});

afterAll(async () => {
  await stop();
  rmSync(folder, { recursive: true });
});

const PASSWORD = String.raw`it's "a" \pass\\word`;

function write(path: string, text: string): void {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), text);
}

function run(script: string, ...args: string[]) {
  return spawnSync('bash', [join(folder, 'docker-entrypoint-initdb.d', script), ...args], {
    encoding: 'utf8',
    input: PASSWORD,
    // Read after the options of the machine.
    env: { ...process.env, HOME: folder },
  });
}

function sql(user: string, statement: string, password = '') {
  return spawnSync(
    'mysql',
    ['--no-defaults', `--socket=${socket}`, `--user=${user}`, `--execute=${statement}`],
    { encoding: 'utf8', env: { ...process.env, MYSQL_PWD: password } },
  );
}

describe('the accounts of MySql', () => {
  it('log in with what their Secrets say, whatever characters a password has', () => {
    for (const role of ['user', 'owner', 'backup'])
      expect(sql(`${role}_1`, 'SELECT 1', PASSWORD)).toMatchObject({ status: 0 });
    expect(sql('user_1', 'SELECT 1', 'other').stderr).toContain('Access denied');
  });

  it('have the rights that their work needs, and no more', () => {
    expect(sql('owner_1', 'CREATE TABLE user.user (id INT)', PASSWORD).status).toBe(0);
    expect(sql('user_1', 'INSERT INTO user.user VALUES (1)', PASSWORD).status).toBe(0);
    expect(sql('user_1', 'DROP TABLE user.user', PASSWORD).stderr).toContain('denied');
    expect(sql('backup_1', 'SELECT * FROM user.user', PASSWORD).status).toBe(0);
    expect(sql('backup_1', 'DELETE FROM user.user', PASSWORD).stderr).toContain('denied');
    expect(sql('owner_1', 'SELECT * FROM mysql.user', PASSWORD).stderr).toContain('denied');
    expect(sql('owner_1', 'CREATE DATABASE user_restored_1', PASSWORD).status).toBe(0);
    // `_` is a wildcard of grants, unless it is escaped.
    expect(sql('owner_1', 'CREATE DATABASE userXrestored_1', PASSWORD).stderr).toContain('denied');
  });

  it('take turns: the other one logs in beside the old one, which is locked then', () => {
    expect(run('account', 'make', 'user_2')).toMatchObject({ status: 0 });
    expect(sql('user_2', 'SELECT * FROM user.user', PASSWORD).status).toBe(0);
    expect(run('account', 'callers', 'user_2').stdout).toBe('');
    expect(run('account', 'lock', 'user_1').status).toBe(0);
    expect(sql('user_1', 'SELECT 1', PASSWORD).stderr).toContain('locked');
    // And open again when its turn comes.
    expect(run('account', 'make', 'user_1').status).toBe(0);
    expect(sql('user_1', 'SELECT 1', PASSWORD).status).toBe(0);
  });

  it('are told by who is logged in', async () => {
    const session = spawn(
      'mysql',
      ['--no-defaults', `--socket=${socket}`, '--user=owner_1', '--execute=SELECT SLEEP(60)'],
      { env: { ...process.env, MYSQL_PWD: PASSWORD }, stdio: 'ignore' },
    );
    const ended = new Promise((resolve) => session.once('exit', resolve));
    const deadline = Date.now() + 30_000;
    let callers = '';
    while (callers === '' && Date.now() < deadline)
      callers = run('account', 'callers', 'owner_1').stdout;
    session.kill();
    await ended;
    expect(callers).toBe('localhost\n');
    expect(run('account', 'callers', 'backup_1').stdout).toBe('');
  });

  it('are those that there are', () => {
    const { status, stderr } = run('account', 'make', 'stranger_1');
    expect(stderr).toBe('stranger_1: no account of user, owner, backup\n');
    expect(status).toBe(1);
  });
});

it('a restored database takes the place of the one in use, whose tables are kept', () => {
  expect(
    sql(
      'owner_1',
      'CREATE DATABASE user_restored_2; CREATE TABLE user_restored_2.user (id INT); INSERT INTO user_restored_2.user VALUES (7)',
      PASSWORD,
    ).stderr,
  ).toBe('');
  const { stdout, stderr } = run('adopt', 'user_restored_2');
  expect(stderr).toBe('');
  const [, replaced] =
    /^user_restored_2 is in use; what it replaced is in (user_replaced_\d+)\n$/.exec(stdout) ?? [];
  expect(sql('user_1', 'SELECT id FROM user.user', PASSWORD).stdout).toBe('id\n7\n');
  expect(sql('root', `SELECT id FROM ${replaced ?? ''}.user`, 'root').stdout).toBe('id\n1\n');
  expect(run('adopt', 'user_restored_3')).toMatchObject({
    status: 1,
    stderr: 'user_restored_3: no database with tables\n',
  });
  expect(readFileSync(join(folder, 'etc/secrets/mysql-root/password'), 'utf8')).toBe('root');
});
