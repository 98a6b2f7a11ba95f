import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Size } from 'cdk8s';
import { rotate } from '../../commands/rotation';
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
  const deadline = Date.now() + 300_000;
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
  return runWith(PASSWORD, script, ...args);
}

function runWith(input: string, script: string, ...args: string[]) {
  return spawnSync('bash', [join(folder, 'docker-entrypoint-initdb.d', script), ...args], {
    encoding: 'utf8',
    input,
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

/** Somebody who is logged in until it is closed. */
function session(user: string, password: string) {
  const client = spawn(
    'mysql',
    ['--no-defaults', `--socket=${socket}`, `--user=${user}`, '--execute=SELECT SLEEP(3600)'],
    { env: { ...process.env, MYSQL_PWD: password }, stdio: 'ignore' },
  );
  const ended = new Promise((resolve) => client.once('exit', resolve));
  const callers = () => run('account', 'callers', user).stdout;
  const until = async (isDone: () => boolean) => {
    const deadline = Date.now() + 300_000;
    while (!isDone()) {
      if (Date.now() > deadline) throw new Error(`${user} is known as ${callers()}`);
      await wait(100);
    }
  };
  const close = async () => {
    client.kill();
    await ended;
    // The server notices that its client is gone once it answers.
    const id = `SELECT GROUP_CONCAT(id) FROM information_schema.processlist WHERE user = '${user}'`;
    const [, list = ''] = sql('root', id, 'root').stdout.split('\n');
    for (const one of list.split(',').filter((text) => /^\d+$/.test(text)))
      sql('root', `KILL ${one}`, 'root');
    await until(() => callers() === '');
  };
  return {
    isOpen: () => until(() => callers() !== ''),
    close,
    [Symbol.asyncDispose]: close,
  };
}

const encode = (text: string) => Buffer.from(text).toString('base64');
const decode = (text: string) => Buffer.from(text, 'base64').toString();

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
    await using owner = session('owner_1', PASSWORD);
    await owner.isOpen();
    expect(run('account', 'callers', 'owner_1').stdout).toBe('localhost\n');
    expect(run('account', 'callers', 'backup_1').stdout).toBe('');
  });

  it('are those that there are', () => {
    const { status, stderr } = run('account', 'make', 'stranger_1');
    expect(stderr).toBe('stranger_1: no account of user, owner, backup\n');
    expect(status).toBe(1);
  });
});

describe('rotation', () => {
  /** The cluster's side of it, in memory: one Secret, and one Pod that reads it. The accounts are real. */
  const secret = {
    metadata: { annotations: {} as Record<string, string> },
    data: { username: encode('user_1'), password: encode(PASSWORD) },
  };
  const pod = {
    metadata: { name: 'user-1' },
    spec: { volumes: [{ secret: { secretName: 'mysql-user' } }] },
    // As the server knows whoever calls it by its socket.
    status: { phase: 'Running', podIP: 'localhost' },
  };
  const kubectl = ([verb = '', ...args]: readonly string[], input?: string): string => {
    switch (`${verb} ${args[0] ?? ''}`) {
      case 'get secret':
        return JSON.stringify(secret);
      case 'get pods':
        return JSON.stringify({ items: [pod] });
      case 'replace --filename': {
        const { metadata, stringData } = JSON.parse(input ?? '') as {
          metadata: typeof secret.metadata;
          stringData: typeof secret.data;
        };
        Object.assign(secret, {
          metadata,
          data: {
            username: encode(stringData.username),
            password: encode(stringData.password),
          },
        });
        return '';
      }
      case 'annotate secret':
        secret.metadata.annotations = {};
        return '';
      case 'exec --stdin': {
        const { status, stdout, stderr } = runWith(input ?? '', 'account', ...args.slice(-2));
        if (status !== 0) throw new Error(stderr);
        return stdout;
      }
    }
    throw new Error(`kubectl ${verb} ${args.join(' ')}`);
  };
  const wanted = [
    {
      namespace: 'user-test',
      name: 'mysql-user',
      keys: ['username', 'password'],
      source: {
        kind: 'account',
        accounts: ['user_1', 'user_2'],
        store: { pod: 'mysql-0', script: ['account'] },
      },
    },
  ] as const;
  const rotated = () => rotate(kubectl, wanted, 'mysql-user', 0);

  beforeAll(() => {
    jest.spyOn(console, 'log').mockImplementation();
  });
  afterAll(() => {
    jest.restoreAllMocks();
  });

  it('locks the old account once every Pod has changed over, and not before', async () => {
    await using old = session('user_1', PASSWORD);
    await old.isOpen();
    await expect(rotated()).rejects.toThrow(
      'user_1 stays open: after 0 s still not logged in with user_2 alone: user-1',
    );
    const [name, value] = [decode(secret.data.username), decode(secret.data.password)];
    expect(name).toBe('user_2');
    expect(value).not.toBe(PASSWORD);

    // One that is logged in with both has not changed over.
    await using next = session(name, value);
    await next.isOpen();
    await expect(rotated()).rejects.toThrow('user-1');
    expect(decode(secret.data.password)).toBe(value);
    expect(sql('user_1', 'SELECT 1', PASSWORD).status).toBe(0);

    await old.close();
    await rotated();
    expect(sql('user_1', 'SELECT 1', PASSWORD).stderr).toContain('locked');
    expect(sql(name, 'SELECT 1', value).status).toBe(0);
    expect(secret.metadata.annotations).toEqual({});
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
  expect(sql('root', 'SELECT id FROM user.user', 'root').stdout).toBe('id\n7\n');
  expect(sql('root', `SELECT id FROM ${replaced ?? ''}.user`, 'root').stdout).toBe('id\n1\n');
  expect(run('adopt', 'user_restored_3')).toMatchObject({
    status: 1,
    stderr: 'user_restored_3: no database with tables\n',
  });
  expect(readFileSync(join(folder, 'etc/secrets/mysql-root/password'), 'utf8')).toBe('root');
});
