import { Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import type { Probe } from '../../imports/k8s';
import { boolean, integer, object, optional, type Rules, text } from '../app/rules';
import type { FieldError } from '../app/validation';
import type { Environment } from '../environment/environment';
import { validateName, validateObjectName } from '../environment/name';
import { EnvironmentPart } from '../environment/part';
import { validateVersionedImage } from '../images/reference';
import type { Endpoint } from '../network/endpoint';
import { Paths, pods } from '../network/policy';
import { hashedConfigMap } from '../pod/config-map';
import { type Resources, validateResources } from '../pod/resources';
import { validateNoSecret } from '../secrets/literal';
import { secretFolder, SecretReference } from '../secrets/secret';
import { type Backup, backupName, mysqlBackup, restoreName, validateBackup } from './mysql-backup';
import { dumpScript, loadScript } from './mysql-backup-files';
import { accountScripts, ROLES, SCRIPTS, serverOptions } from './mysql-files';
import { headlessName, statefulStore, storeCertificate, validateStorage } from './stateful';

const PORT = 3306;
const DEFAULT_RESOURCES: Resources = {
  cpu: { request: Cpu.millis(250), limit: Cpu.units(2) },
  memory: Size.gibibytes(1),
  disk: Size.mebibytes(512),
};

export interface MySqlProps {
  /** MySQL 8.4, or a server that takes the same settings. */
  readonly image: string;
  /** Size of the claim. Kubernetes lets no StatefulSet change it later. */
  readonly storage: Size;
  /**
   * StorageClass of the claim. It cannot change later either.
   *
   * @default - the cluster's default, whose name differs from one cluster to the next
   */
  readonly storageClass?: string;
  /** Schema that the accounts have rights on: letters, digits and "_". @default user, as in the lesson */
  readonly database?: string;
  /**
   * @default - 250m to 2 processors, 1 GiB of memory, half of it for InnoDB's pages: the rest is for connections, each of
   * which may take some MiB; 512 MiB of disk, for temporary files
   */
  readonly resources?: Resources;
  /** Most connections at once, of all clients together. @default 200: ten Pods of the service with 20 each */
  readonly maxConnections?: number;
  /**
   * Whether the server takes connections by TLS alone. Without it, passwords and data cross the network in the clear.
   *
   * @default true: `npm run secrets` makes the certificate, so that it costs nobody anything
   */
  readonly tls?: boolean;
  /**
   * Encrypted backups by a schedule.
   *
   * @default - none: a lost claim is lost data
   */
  readonly backup?: Backup;
}

/**
 * One MySQL server that loses no acknowledged write to a crash of its process.
 *
 * `root` may log in from its own Pod alone. The service has an account with the rights to read and write rows;
 * {@link owner} may change the schema besides.
 */
export class MySql extends EnvironmentPart implements Endpoint {
  readonly of = this;
  readonly variables: Endpoint['variables'];
  readonly files: Endpoint['files'];
  readonly peer: Endpoint['peer'];
  readonly targetPort = PORT;
  /** The account that may change the schema, for migrations. */
  readonly owner: Endpoint;
  private readonly paths: Paths | undefined;

  constructor(environment: Environment, id: string, props: MySqlProps) {
    super(environment, id);
    const errors = [
      ...validateName('id', id),
      ...object(PROPS, "use one such as { image: 'mysql:8.4', storage: Size.gibibytes(20) }")(
        '',
        props,
      ),
    ];
    const { database = 'user', tls = true }: Partial<MySqlProps> = errors.length > 0 ? {} : props;
    const labels = { 'app.kubernetes.io/name': id };
    const filesOf = (account: string): Endpoint['files'] => ({
      USER: { secret: account, key: 'username' },
      PASSWORD: { secret: account, key: 'password' },
      ...(tls && { TLS_CA: { secret: `${id}-tls`, key: 'ca.crt' } }),
    });
    this.variables = { HOST: id, PORT: `${PORT}`, DATABASE: database };
    this.files = filesOf(`${id}-user`);
    this.peer = pods(labels);
    this.owner = {
      of: this,
      variables: this.variables,
      files: filesOf(`${id}-owner`),
      peer: this.peer,
      targetPort: PORT,
      allowFrom: (labels) => {
        this.allowFrom(labels);
      },
    };

    if (!this.accept(errors, () => this.claimNames(id, props))) return;
    const resources = { ...DEFAULT_RESOURCES, ...props.resources };

    const root = new SecretReference(environment, `${id}-root`, { kind: 'password' }, MySql);
    const accounts = ROLES.map(
      (role) =>
        new SecretReference(
          environment,
          `${id}-${role}`,
          {
            kind: 'account',
            accounts: [`${role}_1`, `${role}_2`],
            store: { pod: `${id}-0`, script: ['bash', `${SCRIPTS}/account`] },
          },
          MySql,
        ),
    );
    const certificate = tls ? [storeCertificate(this)] : [];

    const chart = this.chart(id);
    this.paths = new Paths(chart, id, labels);
    const files = hashedConfigMap(chart, id, {
      'server.cnf': serverOptions({
        memory: resources.memory,
        maxConnections: props.maxConnections ?? 200,
        tlsFolder: tls ? secretFolder(`${id}-tls`) : undefined,
      }),
    });
    const scripts = hashedConfigMap(chart, `${id}-init`, accountScripts(id, database, tls));
    statefulStore(chart, {
      name: id,
      labels,
      port: PORT,
      dataFolder: '/var/lib/mysql',
      storage: props.storage,
      ...(props.storageClass !== undefined && { storageClass: props.storageClass }),
      // A clean end writes the pages of InnoDB; without it, the next start recovers them from the log.
      gracePeriodSeconds: 120,
      container: {
        name: 'mysql',
        image: props.image,
        ports: { mysql: PORT },
        env: {
          MYSQL_DATABASE: database,
          MYSQL_ROOT_HOST: 'localhost',
          MYSQL_ROOT_PASSWORD_FILE: `${secretFolder(`${id}-root`)}/password`,
        },
        resources,
        probes: probes(),
        secrets: [root, ...accounts, ...certificate].flatMap(({ files }) => files),
        files: { '/etc/mysql/conf.d': files, [SCRIPTS]: scripts },
        scratch: SCRATCH,
      },
    });
    if (props.backup !== undefined)
      mysqlBackup(this, {
        name: id,
        image: props.image,
        database,
        tls,
        backup: props.backup,
        size: props.storage,
        endpoint: this,
      });
  }

  allowFrom(labels: Readonly<Record<string, string>>): void {
    this.paths?.allowFrom({ peer: pods(labels), port: PORT });
  }

  private claimNames(id: string, { backup }: MySqlProps): FieldError[] {
    return this.claim('id', id, 'name', [
      ...[id, headlessName(id)],
      ...(backup === undefined ? [] : [backupName(id), restoreName(id)]),
    ]);
  }
}

/** Temporary files of queries, and the server's socket. */
const SCRATCH = { '/tmp': Size.mebibytes(256), '/var/run/mysqld': Size.mebibytes(1) };

const PROPS: Rules<MySqlProps> = {
  image: validateVersionedImage,
  storage: validateStorage,
  storageClass: optional(validateObjectName),
  database: optional((field, value) => {
    const errors = DATABASE(field, value);
    return errors.length > 0 ? errors : validateInScripts(field, String(value));
  }),
  resources: optional(validateResources({ memory: 128, disk: 320 })),
  maxConnections: optional(integer(10, 100_000, 'use 200')),
  tls: optional(boolean),
  backup: optional(validateBackup),
};

const DATABASE = text(
  /^[A-Za-z0-9_]{1,32}$/,
  'be 1 to 32 letters, digits or "_"',
  'use a name such as "user"',
);

/** A name that looks like a secret would be taken for one in every file that it is written to. */
function validateInScripts(field: string, database: string): FieldError[] {
  return [
    database,
    ...Object.values(accountScripts('mysql', database, true)),
    ...[dumpScript, loadScript].map((script) => script('mysql', database)),
  ]
    .flatMap((text) => validateNoSecret(field, '', text))
    .slice(0, 1)
    .map((error) => ({ ...error, received: database, fix: 'use a name such as "user"' }));
}

/**
 * `mysqladmin ping` needs no account: an answer that access is denied is an answer. Ready is who takes connections by
 * the network; alive is who answers on its socket, as it does before and while it initialises.
 */
function probes() {
  const ping = (...options: string[]): Probe => ({
    exec: { command: ['mysqladmin', ...options, '--connect-timeout=3', 'ping'] },
    timeoutSeconds: 5,
  });
  const ready = ping('--host=127.0.0.1');
  return {
    // An hour: recovery after a crash is not to be interrupted.
    startupProbe: { ...ready, periodSeconds: 2, failureThreshold: 1800 },
    readinessProbe: { ...ready, periodSeconds: 5, failureThreshold: 2 },
    livenessProbe: { ...ping('--protocol=socket'), periodSeconds: 10, failureThreshold: 6 },
  };
}
