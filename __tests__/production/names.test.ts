/** What goes wrong between two constructs: one error, at the line of the second. */
import { Size } from 'cdk8s';
import {
  alertRules,
  App,
  type Backup,
  dashboard,
  Environment,
  external,
  Microservice,
  MySql,
  type MySqlProps,
  Redis,
  SecretReference,
  ValidationError,
} from '../../lib';
import { user } from './manifests';

const backup: Backup = {
  image: 'restic/restic:0.18.1',
  to: { kind: 's3', host: 's3.example', bucket: 'backups', secret: 's3' },
};
const mysql: MySqlProps = { image: 'mysql:8.4', storage: Size.gibibytes(1) };
const db = { host: 'db.example', port: 3306, secret: 'db' };

/** The messages of an app, with HERE for the lines of this file. */
function errorsOf(define: (environment: Environment, app: App) => void): string[] {
  const app = new App({ outdir: '/nowhere', judge: {} });
  try {
    define(new Environment(app, 'test'), app);
    app.synth();
  } catch (error) {
    if (error instanceof ValidationError)
      return error.errors.map((line) =>
        line.replaceAll(/__tests__\/production\/names\.test\.ts:\d+:\d+/g, 'HERE'),
      );
    // What is accepted is written to where nothing can be.
    if (!(error instanceof Error && 'syscall' in error)) throw error;
  }
  return [];
}

it.each<[string, (environment: Environment, app: App) => void]>([
  [
    '[test-environment/user (2)] id: must leave the name user to test-environment/user (created at HERE), which has it already; received "user"; use another for one of the two (created at HERE)',
    (environment) => {
      new Microservice(environment, 'user', user);
      new Microservice(environment, 'user', { ...user, host: 'user.example.com' });
    },
  ],
  [
    '[test-environment/db (2)] id: must leave the name db',
    (environment) => {
      new MySql(environment, 'db', mysql);
      new Redis(environment, 'db', { image: 'redis:7.4' });
    },
  ],
  [
    '[test-environment/mysql-pods] id: must leave the name mysql-pods to test-environment/mysql',
    (environment) => {
      new MySql(environment, 'mysql', mysql);
      new Microservice(environment, 'mysql-pods', user);
    },
  ],
  [
    '[test-environment/mysql] id: must leave the name mysql-backup',
    (environment) => {
      new Microservice(environment, 'mysql-backup', user);
      new MySql(environment, 'mysql', { ...mysql, backup });
    },
  ],
  [
    '[test-environment/user-migrate] id: must leave the name user-migrate',
    (environment) => {
      new Microservice(environment, 'user', { ...user, migration: { args: [], uses: {} } });
      new Microservice(environment, 'user-migrate', user);
    },
  ],
  [
    '[test-environment/user-redirect] id: must leave the name user-redirect',
    (environment) => {
      new Microservice(environment, 'user', { ...user, host: 'a.example' });
      new Microservice(environment, 'user-redirect', user);
    },
  ],
  [
    '[test-environment/b] host: must leave the host a.example to test-environment/a',
    (environment) => {
      new Microservice(environment, 'a', { ...user, host: 'a.example' });
      new Microservice(environment, 'b', { ...user, host: 'a.example' });
    },
  ],
  [
    '[test-environment/secret-mysql-user (2)] name: must leave the Secret mysql-user to test-environment/secret-mysql-user (created at HERE), which has it already; received "mysql-user"; use another for one of the two (created at HERE)',
    (environment) => {
      new SecretReference(environment, 'mysql-user', { kind: 'password' });
      new MySql(environment, 'mysql', mysql);
    },
  ],
  [
    '[test-environment (2)] id: must leave the environment test to test-environment',
    (_, app) => {
      const environment = new Environment(app, 'test', { namespace: 'other' });
      new Microservice(environment, 'user', user);
    },
  ],
  [
    '[other-environment] namespace: must leave the namespace user-test to test-environment',
    (_, app) => {
      const environment = new Environment(app, 'other', { namespace: 'user-test' });
      new Microservice(environment, 'user', user);
    },
  ],
  [
    '[test-gateway-environment] id: must not end with -gateway',
    (_, app) => new Environment(app, 'test-gateway'),
  ],
  [
    '[other-environment] namespace: must be 1 to 63 lower-case letters',
    (_, app) => {
      const environment = new Environment(app, 'other', { namespace: 'User' });
      const store = new MySql(environment, 'mysql', { ...mysql, backup });
      new Microservice(environment, 'user', { ...user, host: 'a', uses: { MYSQL: store } });
      alertRules(environment, { service: 'user', backup: 'mysql-backup' });
      dashboard(environment, 'user');
    },
  ],
  [
    '[test-environment/user] uses.MYSQL: must be of the same environment, test-environment; received the construct other-environment/mysql',
    (environment, app) => {
      const store = new MySql(new Environment(app, 'other'), 'mysql', mysql);
      new Microservice(environment, 'user', { ...user, uses: { MYSQL: store } });
    },
  ],
  [
    '[test-environment/user] migration.uses.MYSQL: must be of the same environment',
    (environment, app) => {
      const { owner } = new MySql(new Environment(app, 'other'), 'mysql', mysql);
      const migration = { args: [], uses: { MYSQL: owner } };
      new Microservice(environment, 'user', { ...user, migration });
    },
  ],
  [
    '[test-environment/user] uses.DB: must be of the same environment',
    (environment, app) => {
      const store = external(new Environment(app, 'other'), 'db', db);
      new Microservice(environment, 'user', { ...user, uses: { DB: store } });
    },
  ],
  [
    '[test-environment/user] secrets.PEPPER_FILE.from: must be of the same environment',
    (environment, app) => {
      const from = new SecretReference(new Environment(app, 'other'), 'pepper', {
        kind: 'password',
      });
      const secrets = { PEPPER_FILE: { from, key: 'password' } };
      new Microservice(environment, 'user', { ...user, secrets });
    },
  ],
  [
    '[test-environment/My SQL] id: must be 1 to 38 lower-case letters',
    (environment) => {
      const store = new MySql(environment, 'My SQL', mysql);
      const migration = { args: [], uses: { MYSQL: store.owner } };
      new Microservice(environment, 'user', { ...user, uses: { MYSQL: store }, migration });
      alertRules(environment, { service: 'user', backup: 'mysql-backup' });
    },
  ],
  [
    '[test-environment/db] host: must be an IPv4 address or a host name',
    (environment) => {
      const store = external(environment, 'db', { ...db, host: 'tcp://db' });
      new Microservice(environment, 'user', { ...user, uses: { DB: store } });
    },
  ],
  [
    '[test-environment/user] uses.R: must be given: a store, another service, or external(); received the construct test-environment',
    (environment) =>
      new Microservice(environment, 'user', { ...user, uses: { R: environment as never } }),
  ],
  [
    '[test-environment/user] env.DB_HOST: must not give DB_HOST, which uses.DB gives already',
    (environment) => {
      const uses = { DB: external(environment, 'db', db) };
      new Microservice(environment, 'user', { ...user, uses, env: { DB_HOST: 'a' } });
    },
  ],
  [
    '[test-environment/user] uses.A_B: must not give A_B_HOST, which uses.A gives already',
    (environment) => {
      const a = external(environment, 'a', { ...db, variables: { B_HOST: 'a' } });
      const b = external(environment, 'b', db);
      new Microservice(environment, 'user', { ...user, uses: { A: a, A_B: b } });
    },
  ],
  [
    '[test-environment/user] uses.API: must hold no secret',
    (environment) => {
      const api = external(environment, 'db', { ...db, variables: { KEY: 'hunter2' } });
      new Microservice(environment, 'user', { ...user, uses: { API: api } });
    },
  ],
  [
    '[test-environment/alert-rules] service: must be the name of what there is in test-environment; received "usr"',
    (environment) => {
      new Microservice(environment, 'user', user);
      alertRules(environment, { service: 'usr' });
    },
  ],
  [
    '[test-environment/alert-rules (2)] service: must leave the alert rules of user',
    (environment) => {
      new Microservice(environment, 'user', user);
      alertRules(environment, { service: 'user' });
      alertRules(environment, { service: 'user' });
    },
  ],
  [
    '[test-environment/dashboard (2)] service: must leave the dashboard of user',
    (environment) => {
      new Microservice(environment, 'user', user);
      dashboard(environment, 'user');
      dashboard(environment, 'user');
    },
  ],
  [
    '[test-environment/test/mysql-backup/backup] CronJob user-test/mysql-backup: spec.schedule (prop backup.schedule): Invalid value: "99 2 * * *": end of range (99) above maximum (59): 99 (created at HERE)',
    (environment) =>
      new MySql(environment, 'mysql', { ...mysql, backup: { ...backup, schedule: '99 2 * * *' } }),
  ],
  [
    '[user] environment: must be an Environment; received App',
    (_, app) => new Microservice(app as never, 'user', user),
  ],
  [
    '[user] scope: must be the construct that it belongs to; received undefined',
    () => new Microservice(undefined as never, 'user', user),
  ],
])('%s', (message, define) => {
  expect(errorsOf(define)).toEqual([expect.stringContaining(message)]);
});

it('takes what only looks alike', () => {
  const errors = errorsOf((environment, app) => {
    const other = new Environment(app, 'other');
    for (const { node } of [environment, other]) expect(node.children).not.toEqual([]);
    const longest = 'a'.repeat(38);
    const store = new MySql(environment, longest, { ...mysql, backup });
    new MySql(environment, 'second', { ...mysql, backup });
    const one = external(environment, 'one', db);
    const two = external(environment, 'two', { ...db, host: 'db2.example' });
    new Microservice(environment, 'b'.repeat(38), {
      ...user,
      host: 'user.example.com',
      uses: { MYSQL: store, AGAIN: store, ONE: one, TWO: two },
      migration: { args: [], uses: { MYSQL: store.owner } },
    });
    alertRules(environment, { service: 'b'.repeat(38), backup: `${longest}-backup` });
    dashboard(environment, 'b'.repeat(38));
    new Microservice(other, 'user', { ...user, host: 'user.example.com' });
    new Microservice(other, 'user-alerts', user);
    new Microservice(other, 'user-dashboard', user);
    alertRules(other, { service: 'user' });
    dashboard(other, 'user');
  });
  expect(errors).toEqual([]);
});
