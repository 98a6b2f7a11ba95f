import { Size } from 'cdk8s';
import { Cpu, ServiceAccount } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { type JobSpec, KubeCronJob, KubePersistentVolumeClaim, Quantity } from '../../imports/k8s';
import { boolean, integer, object, optional, text, variant } from '../app/rules';
import { type FieldError, nameProps } from '../app/validation';
import {
  validateObjectName,
  validatePort,
  validateSecretName,
  validateServer,
} from '../environment/name';
import type { EnvironmentPart } from '../environment/part';
import { validateVersionedImage } from '../images/reference';
import type { Endpoint } from '../network/endpoint';
import { Paths } from '../network/policy';
import { hashedConfigMap } from '../pod/config-map';
import { type HardenedContainer, podTemplate } from '../pod/pod';
import { validateNoSecret } from '../secrets/literal';
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
  /** When, in UTC, as cron has it. @default - `17 2 * * *`: at night, and not at the full hour of everybody's jobs */
  readonly schedule?: string;
  /**
   * How many are kept.
   *
   * @default - of 7 days, 5 weeks and 12 months, the last of each: a mistake is noticed the next day, in the next month,
   * or when the year is closed
   */
  readonly keep?: Retention;
}

export type BackupTarget =
  | { readonly kind: 'claim'; readonly storage: Size; readonly storageClass?: string }
  | {
      readonly kind: 's3';
      /** Host name or IPv4 address of the S3 API. */
      readonly host: string;
      /** @default 443, which is that of HTTPS */
      readonly port?: number;
      /** Whether it is asked without TLS. @default false: what is sent is encrypted already, but who asks for it could be told another answer */
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

/** Name of the CronJob that makes backups, and of what is in them. */
export function backupName(store: string): string {
  return `${store}-backup`;
}

export function restoreName(store: string): string {
  return `${store}-restore`;
}

/**
 * A CronJob that dumps the schema as of one moment, keeps it encrypted and checks all that is kept; and another, which
 * no schedule starts, that loads a backup into a new database:
 *
 *     kubectl create job restore-1 --from=cronjob/mysql-restore
 */
export function mysqlBackup(part: EnvironmentPart, props: MySqlBackupProps): void {
  const { environment, creator } = part;
  const { name: store, image, backup, endpoint, tls } = props;
  const name = backupName(store);
  const { to } = backup;
  const repository = new SecretReference(
    environment,
    `${name}-repository`,
    { kind: 'password' },
    creator,
  );
  const credentials =
    to.kind === 's3'
      ? SecretReference.given(environment, to.secret, ['credentials'], creator)
      : undefined;
  const chart = part.chart(name);
  const scripts = hashedConfigMap(chart, name, {
    'backup.sh': backupScript(environment.namespace, backup.keep),
    'client.cnf': tls ? clientOptions(`${secretFolder(`${store}-tls`)}/ca.crt`) : '[client]\n',
    'dump.sh': dumpScript(store, props.database),
    'fetch.sh': fetchScript(environment.namespace),
    'load.sh': loadScript(store, props.database),
  });
  new ServiceAccount(chart, 'service-account', { metadata: { name }, automountToken: false });
  if (to.kind === 'claim')
    // Not a PersistentVolumeClaim of cdk8s-plus, which takes whole gibibytes alone.
    new KubePersistentVolumeClaim(chart, 'claim', {
      metadata: { name },
      spec: {
        accessModes: ['ReadWriteOnce'],
        resources: { requests: { storage: Quantity.fromString(to.storage.asString()) } },
        storageClassName: to.storageClass,
        volumeMode: 'Filesystem',
      },
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
      ...repositoryVariables(to),
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
  const cronJob = new KubeCronJob(chart, 'backup', {
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
  nameProps(cronJob, (field) => (field === 'spec.schedule' ? 'backup.schedule' : field));
  const restore = restoreName(store);
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

function repositoryVariables(to: BackupTarget): Record<string, string> {
  if (to.kind === 'claim') return { RESTIC_REPOSITORY: CLAIM_FOLDER };
  return {
    RESTIC_REPOSITORY: repositoryOf(to),
    AWS_SHARED_CREDENTIALS_FILE: `${secretFolder(to.secret)}/credentials`,
  };
}

function repositoryOf(to: Extract<BackupTarget, { kind: 's3' }>): string {
  const scheme = to.plaintext === true ? 'http' : 'https';
  return `s3:${scheme}://${to.host}:${to.port ?? 443}/${to.bucket}`;
}

const validateCount = integer(0, 10_000, 'use 7');

const SHAPE = object<Backup>(
  {
    image: validateVersionedImage,
    to: variant(
      {
        claim: object<Omit<Extract<BackupTarget, { kind: 'claim' }>, 'kind'>>(
          { storage: validateStorage, storageClass: optional(validateObjectName) },
          '',
        ),
        s3: object<Omit<Extract<BackupTarget, { kind: 's3' }>, 'kind'>>(
          {
            host: validateServer,
            port: optional(validatePort),
            plaintext: optional(boolean),
            bucket: text(
              /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/[\w./-]+)?$/,
              'be a bucket of 3 to 63 lower-case letters, digits, "." or "-", and may have a path',
              'use one such as "backups/production"',
            ),
            secret: validateSecretName,
          },
          '',
        ),
      },
      "use one such as { kind: 'claim', storage: Size.gibibytes(40) }",
    ),
    schedule: optional(
      text(/^(\S+ ){4}\S+$/, 'be five fields as cron has them', 'use "17 2 * * *"'),
    ),
    keep: optional(
      object<Retention>(
        { daily: validateCount, weekly: validateCount, monthly: validateCount },
        'use { daily: 7, weekly: 5, monthly: 12 }',
      ),
    ),
  },
  "use one such as { image: 'restic/restic:0.18.1', to: … }",
);

/** All that is wrong with the prop `backup`. */
export function validateBackup(field: string, value: unknown): FieldError[] {
  const errors = SHAPE(field, value);
  if (errors.length > 0) return errors;
  const { keep, to } = value as Backup;
  return [
    ...(to.kind === 's3'
      ? validateNoSecret(`${field}.to.bucket`, '', repositoryOf(to)).map((error) => ({
          ...error,
          received: to.bucket,
          fix: 'use one such as "backups/production"',
        }))
      : []),
    ...(keep !== undefined && Object.values<number>({ ...keep }).every((count) => count === 0)
      ? [
          {
            field: `${field}.keep`,
            rule: 'must keep at least one',
            received: keep,
            fix: 'use { daily: 7, weekly: 5, monthly: 12 }',
          },
        ]
      : []),
  ];
}
