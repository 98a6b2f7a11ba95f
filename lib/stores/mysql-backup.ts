import { Size } from 'cdk8s';
import {
  Cpu,
  PersistentVolumeAccessMode,
  PersistentVolumeClaim,
  ServiceAccount,
} from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { type JobSpec, KubeCronJob } from '../../imports/k8s';
import type { FieldError } from '../app/validation';
import type { Environment } from '../environment/environment';
import { validateName, validatePort, validateServer } from '../environment/name';
import { validateImage } from '../images/reference';
import type { Endpoint } from '../network/endpoint';
import { Paths } from '../network/policy';
import { hashedConfigMap } from '../pod/config-map';
import { type HardenedContainer, podTemplate } from '../pod/pod';
import { secretFolder, SecretReference } from '../secrets/secret';
import { clientOptions } from './mysql-files';
import {
  backupScript,
  dumpScript,
  fetchScript,
  loadScript,
  type Retention,
} from './mysql-backup-files';
import { STORE_USER, validateStorage } from './stateful';

/** Encrypted backups by restic: https://restic.readthedocs.io */
export interface Backup {
  /** Image of restic 0.14 or later. */
  readonly image: string;
  /** Where they are kept: best elsewhere than in this cluster. */
  readonly to: BackupTarget;
  /** When, in UTC, as cron has it. @default - `17 2 * * *`, at night */
  readonly schedule?: string;
  /** How many are kept. @default - of 7 days, 5 weeks and 12 months, the last of each */
  readonly keep?: Retention;
}

export type BackupTarget =
  | { readonly kind: 'claim'; readonly storage: Size; readonly storageClass?: string }
  | {
      readonly kind: 's3';
      /** Host name or IPv4 address of the S3 API. */
      readonly host: string;
      /** @default 443 */
      readonly port?: number;
      /** Whether it is asked without TLS. @default false */
      readonly plaintext?: boolean;
      /** Bucket and path: `backups/production`. */
      readonly bucket: string;
      /** Name of a Secret whose key `credentials` is an AWS credentials file, which a person gives. */
      readonly secret: string;
    };

interface MySqlBackupProps {
  readonly name: string;
  readonly image: string;
  readonly database: string;
  readonly tls: boolean;
  readonly backup: Backup;
  /** Of the database: the most that a dump takes. */
  readonly size: Size;
  readonly endpoint: Endpoint;
}

const DUMP = '/dump';
const SCRIPTS = '/etc/backup';
const CLAIM_FOLDER = '/backup';
/** Where each mounts what, for docs/restore.md. */
const RESOURCES = {
  cpu: { request: Cpu.millis(50), limit: Cpu.units(1) },
  memory: Size.mebibytes(256),
} as const;

/**
 * A CronJob that dumps the schema as of one moment, keeps it encrypted and checks all that is kept; and another, which
 * no schedule starts, that loads a backup into a new database:
 *
 *     kubectl create job restore-1 --from=cronjob/mysql-restore
 */
export function mysqlBackup(environment: Environment, props: MySqlBackupProps): void {
  const { name: store, image, backup, endpoint, tls } = props;
  const name = `${store}-backup`;
  const { to } = backup;
  const repository = new SecretReference(environment, `${name}-repository`, { kind: 'password' });
  const credentials =
    to.kind === 's3'
      ? new SecretReference(environment, to.secret, { kind: 'given', keys: ['credentials'] })
      : undefined;
  const chart = environment.chart(name);
  const scripts = hashedConfigMap(chart, name, {
    'backup.sh': backupScript(environment.namespace, backup.keep),
    'client.cnf': tls ? clientOptions(`${secretFolder(`${store}-tls`)}/ca.crt`) : '[client]\n',
    'dump.sh': dumpScript(store, props.database),
    'fetch.sh': fetchScript(environment.namespace),
    'load.sh': loadScript(store, props.database),
  });
  new ServiceAccount(chart, 'service-account', { metadata: { name }, automountToken: false });
  if (to.kind === 'claim')
    new PersistentVolumeClaim(chart, 'claim', {
      metadata: { name },
      accessModes: [PersistentVolumeAccessMode.READ_WRITE_ONCE],
      storage: to.storage,
      ...(to.storageClass !== undefined && { storageClassName: to.storageClass }),
    });

  const scratch = { [DUMP]: props.size, '/tmp': Size.mebibytes(512) };
  const disk = Size.mebibytes(props.size.toKibibytes() / 1024 + 512);
  const common = { files: { [SCRIPTS]: scripts }, scratch, resources: { ...RESOURCES, disk } };
  const mysql = (script: string, account: string): HardenedContainer => ({
    ...common,
    name: 'mysql',
    image,
    command: ['bash', `${SCRIPTS}/${script}`],
    secrets: [
      { secret: account, key: 'username' },
      { secret: account, key: 'password' },
      ...(tls ? [{ secret: `${store}-tls`, key: 'ca.crt' }] : []),
    ],
  });
  const restic = (script: string): HardenedContainer => ({
    ...common,
    name: 'restic',
    image: backup.image,
    command: ['sh', `${SCRIPTS}/${script}`],
    env: {
      ...repositoryOf(to),
      RESTIC_PASSWORD_FILE: `${secretFolder(repository.name)}/password`,
      RESTIC_CACHE_DIR: '/tmp/restic',
    },
    secrets: [...repository.files, ...(credentials?.files ?? [])],
    ...(to.kind === 'claim' && { claims: { [CLAIM_FOLDER]: name } }),
  });
  const job = (id: string, first: HardenedContainer, then: HardenedContainer): JobSpec => {
    const labels = { 'app.kubernetes.io/name': id };
    endpoint.allowFrom(labels);
    const paths = new Paths(new Construct(chart, `${id}-paths`), id, labels);
    paths.allowTo({ peer: endpoint.peer, port: endpoint.targetPort });
    if (to.kind === 's3')
      paths.allowTo({ peer: { ipBlock: { cidr: '0.0.0.0/0' } }, port: to.port ?? 443 });
    return {
      backoffLimit: 2,
      activeDeadlineSeconds: 6 * 3600,
      template: podTemplate({
        labels,
        serviceAccountName: name,
        user: STORE_USER,
        gracePeriodSeconds: 30,
        initContainers: [first],
        containers: [then],
        spec: { restartPolicy: 'Never' },
      }),
    };
  };
  new KubeCronJob(chart, 'backup', {
    metadata: { name, labels: { 'app.kubernetes.io/name': name } },
    spec: {
      schedule: backup.schedule ?? '17 2 * * *',
      timeZone: 'Etc/UTC',
      concurrencyPolicy: 'Forbid',
      startingDeadlineSeconds: 3600,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 3,
      jobTemplate: {
        spec: job(name, mysql('dump.sh', `${store}-backup`), restic('backup.sh')),
      },
    },
  });
  const restore = `${store}-restore`;
  new KubeCronJob(chart, 'restore', {
    metadata: { name: restore, labels: { 'app.kubernetes.io/name': restore } },
    spec: {
      schedule: '0 0 1 1 *',
      timeZone: 'Etc/UTC',
      suspend: true,
      concurrencyPolicy: 'Forbid',
      startingDeadlineSeconds: 3600,
      jobTemplate: {
        spec: job(restore, restic('fetch.sh'), mysql('load.sh', `${store}-owner`)),
      },
    },
  });
}

function repositoryOf(to: BackupTarget): Record<string, string> {
  if (to.kind === 'claim') return { RESTIC_REPOSITORY: CLAIM_FOLDER };
  const scheme = to.plaintext === true ? 'http' : 'https';
  return {
    RESTIC_REPOSITORY: `s3:${scheme}://${to.host}:${to.port ?? 443}/${to.bucket}`,
    AWS_SHARED_CREDENTIALS_FILE: `${secretFolder(to.secret)}/credentials`,
  };
}

/** All that is wrong with the prop `backup`. */
export function validateBackup({ image, to, schedule, keep }: Backup): FieldError[] {
  const counts = Object.entries<number>({ ...keep });
  return [
    ...validateImage('backup.image', image),
    ...(to.kind === 'claim'
      ? validateStorage('backup.to.storage', to.storage)
      : [
          ...validateServer('backup.to.host', to.host),
          ...(to.port === undefined ? [] : validatePort('backup.to.port', to.port)),
          ...validateName('backup.to.secret', to.secret),
          ...(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/[\w./-]+)?$/.test(to.bucket)
            ? []
            : [
                {
                  field: 'backup.to.bucket',
                  rule: 'must be a bucket of 3 to 63 lower-case letters, digits, "." or "-", and may have a path',
                  received: to.bucket,
                  fix: 'use one such as "backups/production"',
                },
              ]),
        ]),
    ...(schedule === undefined || /^(\S+\s+){4}\S+$/.test(schedule)
      ? []
      : [
          {
            field: 'backup.schedule',
            rule: 'must be five fields as cron has them',
            received: schedule,
            fix: 'use "17 2 * * *"',
          },
        ]),
    ...counts
      .filter(([, count]) => !Number.isInteger(count) || count < 0)
      .map(([name, count]) => ({
        field: `backup.keep.${name}`,
        rule: 'must be an integer of 0 or more',
        received: count,
        fix: 'use 7',
      })),
    ...(counts.length > 0 && counts.every(([, count]) => count === 0)
      ? [
          {
            field: 'backup.keep',
            rule: 'must keep at least one',
            received: keep,
            fix: 'use { daily: 7, weekly: 5, monthly: 12 }',
          },
        ]
      : []),
  ];
}
