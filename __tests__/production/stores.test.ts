import { Size } from 'cdk8s';
import {
  App,
  Environment,
  type Backup,
  external,
  MySql,
  type MySqlProps,
  Redis,
  type RedisProps,
} from '../../lib';
import { errorsOf, find, manifestsOf } from './manifests';

const backup: Backup = {
  image: 'restic/restic:0.18.1',
  to: { kind: 'claim', storage: Size.gibibytes(1) },
};
const s3 = { kind: 's3', host: 's3.example', bucket: 'backups', secret: 's3' } as const;

describe('bad props are refused once, with path, value and fix', () => {
  it.each<[string, Partial<MySqlProps>]>([
    ['image: must be an image reference', { image: 'My SQL' }],
    ['storage: must be 64 MiB or more; received "1Mi"', { storage: Size.mebibytes(1) }],
    ['storageClass: must be 1 to 40 lower-case', { storageClass: 'Fast' }],
    ['database: must be 1 to 32 letters', { database: 'a; DROP TABLE user' }],
    ['maxConnections: must be an integer from 10', { maxConnections: 1 }],
    ['backup.image: must be an image reference', { backup: { ...backup, image: '' } }],
    [
      'backup.schedule: must be five fields as cron has them; received "daily"',
      { backup: { ...backup, schedule: 'daily' } },
    ],
    [
      'backup.keep.daily: must be an integer of 0 or more; received -1',
      { backup: { ...backup, keep: { daily: -1, weekly: 0, monthly: 1 } } },
    ],
    [
      'backup.keep: must keep at least one',
      { backup: { ...backup, keep: { daily: 0, weekly: 0, monthly: 0 } } },
    ],
    [
      'backup.to.host: must be an IPv4 address or a host name',
      { backup: { ...backup, to: { ...s3, host: 'a:1' } } },
    ],
    ['backup.to.port: must be an integer', { backup: { ...backup, to: { ...s3, port: 0 } } }],
    ['backup.to.bucket: must be a bucket', { backup: { ...backup, to: { ...s3, bucket: 'A' } } }],
    [
      'backup.to.storage: must be 64 MiB or more',
      { backup: { ...backup, to: { kind: 'claim', storage: Size.mebibytes(1) } } },
    ],
  ])('MySql: %s', (message, props) => {
    const errors = errorsOf((environment) => {
      new MySql(environment, 'mysql', {
        image: 'mysql:8.4',
        storage: Size.gibibytes(1),
        ...props,
      });
    });
    expect(errors).toEqual([expect.stringContaining(`[test-environment/mysql] ${message}`)]);
  });

  it.each<[string, Partial<RedisProps>]>([
    ['image: must be an image reference', { image: '' }],
    ['storage: must be 64 MiB or more', { storage: Size.mebibytes(1) }],
    ['storageClass: must be 1 to 40', { storageClass: '-' }],
  ])('Redis: %s', (message, props) => {
    const errors = errorsOf((environment) => {
      new Redis(environment, 'redis', { image: 'redis:7.4', ...props });
    });
    expect(errors).toEqual([expect.stringContaining(`[test-environment/redis] ${message}`)]);
  });

  it.each([
    ['host: must be an IPv4 address or a host name', { host: 'tcp://db' }],
    ['host: must be an IPv4 address or a host name', { host: '10.0.0.256' }],
    ['port: must be an integer', { port: 70000 }],
    ['secret: must be 1 to 40', { secret: '' }],
    ['addresses: must be a range of addresses as CIDR; received "db"', { addresses: 'db' }],
  ])('external: %s', (message, props) => {
    const errors = errorsOf((environment) => {
      external(environment, 'db', { host: 'db.example', port: 3306, secret: 'db', ...props });
    });
    expect(errors).toEqual([expect.stringContaining(`[test-environment/db] ${message}`)]);
  });
});

it('takes a server by its address', () => {
  const host = '10.0.0.5';
  const errors = errorsOf((environment) => {
    external(environment, 'db', { host, port: 3306, secret: 'db' });
    new MySql(environment, 'mysql', {
      image: 'mysql:8.4',
      storage: Size.gibibytes(1),
      backup: { ...backup, to: { ...s3, host } },
    });
  });
  expect(errors).toEqual([]);
});

describe('MySql', () => {
  const manifests = (props: Partial<MySqlProps> = {}) =>
    manifestsOf((environment) => {
      new MySql(environment, 'mysql', {
        image: 'mysql:8.4',
        storage: Size.gibibytes(1),
        storageClass: 'fast',
        ...props,
      });
    });

  it('shows the private key of its certificate to nobody but the server', () => {
    const mounting = manifests({ backup })
      .filter((manifest) => JSON.stringify(manifest).includes('"path":"tls.key"'))
      .map(({ kind, metadata }) => `${kind}/${metadata.name}`);
    expect(mounting).toEqual(['StatefulSet/mysql']);
  });

  it('mounts no Secret by subPath, which would never be updated', () => {
    expect(JSON.stringify(manifests({ backup }))).not.toContain('subPath');
  });

  it('takes connections by TLS alone unless it is told otherwise', () => {
    const options = (props: Partial<MySqlProps>) => JSON.stringify(manifests(props));
    expect(options({})).toContain('require_secure_transport = ON');
    expect(options({ tls: false })).not.toContain('require_secure_transport');
  });

  it('backs up to S3 with credentials from a file', () => {
    const job = find(manifests({ backup: { ...backup, to: s3 } }), 'CronJob', 'mysql-backup');
    const text = JSON.stringify(job);
    expect(text).toContain('"s3:https://s3.example:443/backups"');
    expect(text).toContain('"/etc/secrets/s3/credentials"');
    const plain = { ...backup, to: { ...s3, plaintext: true, port: 7070 } };
    expect(JSON.stringify(manifests({ backup: plain }))).toContain('"s3:http://s3.example:7070/');
  });

  it('writes out what Kubernetes would fill in of its claim, so that applying it again is no change', () => {
    expect(find(manifests(), 'StatefulSet', 'mysql').spec).toMatchObject({
      volumeClaimTemplates: [
        {
          apiVersion: 'v1',
          kind: 'PersistentVolumeClaim',
          spec: { volumeMode: 'Filesystem' },
          status: { phase: 'Pending' },
        },
      ],
    });
  });

  it('waits for a network path that opens after the Pod of a Job has started', () => {
    const scripts = manifests({ backup }).find(
      ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name.startsWith('mysql-backup-'),
    );
    for (const script of ['dump.sh', 'load.sh'])
      expect(scripts?.data?.[script]).toMatch(
        /for _ in \$\(seq 60\); do\n {2}if mysqladmin .* ping;/,
      );
  });

  it('restores only when it is asked to', () => {
    expect(find(manifests({ backup }), 'CronJob', 'mysql-restore').spec).toMatchObject({
      suspend: true,
    });
  });
});

it('Redis gives everybody the right to ping, and the rest to who has a password', () => {
  const text = JSON.stringify(
    manifestsOf((environment) => {
      new Redis(environment, 'redis', { image: 'redis:7.4', storageClass: 'fast' });
      new Redis(environment, 'plain', { image: 'redis:7.4', tls: false });
    }),
  );
  expect(text).toContain('user default on nopass resetkeys resetchannels -@all +ping');
  expect(text).toContain('tls-port 6379');
  // With an account without a password, protected mode would take connections from its own Pod alone.
  expect(text.match(/protected-mode no/g)).toHaveLength(2);
});

describe('an environment', () => {
  it('has names that Kubernetes takes', () => {
    const app = new App({ outdir: '/nowhere' });
    const environment = new Environment(app, 'test', { namespace: 'User' });
    expect(environment.node.validate()).toEqual([
      expect.stringContaining('namespace: must be 1 to 40 lower-case'),
    ]);
  });

  it('enforces restricted and denies every network path by default', () => {
    const manifests = manifestsOf(() => undefined);
    expect(find(manifests, 'Namespace', 'user-test').metadata).toMatchObject({
      labels: { 'pod-security.kubernetes.io/enforce': 'restricted' },
    });
    expect(find(manifests, 'NetworkPolicy', 'deny-all').spec).toEqual({
      podSelector: {},
      policyTypes: ['Ingress', 'Egress'],
    });
  });
});
