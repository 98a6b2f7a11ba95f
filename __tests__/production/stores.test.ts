import { Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import fc from 'fast-check';
import {
  alertRules,
  App,
  type Backup,
  dashboard,
  Environment,
  external,
  type GatewayReference,
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
const resources = {
  cpu: { request: Cpu.millis(100), limit: Cpu.units(1) },
  memory: Size.gibibytes(1),
};
const s3 = { kind: 's3', host: 's3.example', bucket: 'backups', secret: 's3' } as const;

describe('bad props are refused once, with path, value and fix', () => {
  it.each<[string, Partial<MySqlProps>]>([
    ['image: must be an image reference', { image: 'My SQL' }],
    ['storage: must be 64 MiB or more; received 1Mi', { storage: Size.mebibytes(1) }],
    ['storageClass: must be 1 to 253 lower-case', { storageClass: 'Fast' }],
    ['database: must be 1 to 32 letters', { database: 'a; DROP TABLE user' }],
    ['maxConnections: must be an integer from 10', { maxConnections: 1 }],
    ['backup.image: must be an image reference', { backup: { ...backup, image: '' } }],
    ['image: must name a version', { image: 'mysql' }],
    [
      'database: must hold no secret: manifests are in Git; received "aB3dE5gH7jK9mN1pQ2rS4tU6vW8xY0zA"; use a name',
      { database: 'aB3dE5gH7jK9mN1pQ2rS4tU6vW8xY0zA' },
    ],
    [
      'backup.to.bucket: must hold no secret: manifests are in Git; received "backups/aB3dE5gH7jK9mN1pQ2rS4tU6"',
      { backup: { ...backup, to: { ...s3, bucket: 'backups/aB3dE5gH7jK9mN1pQ2rS4tU6' } } },
    ],
    [
      'resources.memory: must be 128 MiB or more',
      { resources: { ...resources, memory: Size.mebibytes(64) } },
    ],
    [
      'resources.disk: must be 320 MiB or more: its logs and scratch folders take as much',
      { resources: { ...resources, disk: Size.mebibytes(64) } },
    ],
    [
      'backup.schedule: must be five fields as cron has them; received "daily"',
      { backup: { ...backup, schedule: 'daily' } },
    ],
    [
      'backup.keep.daily: must be an integer from 0 to 10000; received -1',
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
    ['storageClass: must be 1 to 253', { storageClass: '-' }],
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
    ['secret: must be 1 to 56', { secret: '' }],
    ['addresses: must be a range of addresses as CIDR; received "db"', { addresses: 'db' }],
    ['addresses: must be a range of addresses as CIDR', { addresses: '10.0.0.256/8' }],
    ['addresses: must be a range of addresses as CIDR', { addresses: '10.0.0.0/33' }],
    ['addresses: must be a range of addresses as CIDR', { addresses: 'fd00::/129' }],
    ['variables.DATA-BASE: must be named by letters', { variables: { 'DATA-BASE': 'user' } }],
    ['variables.DATABASE: must be a string', { variables: { DATABASE: 1 as never } }],
    ['variables.API_KEY: must hold no secret', { variables: { API_KEY: 'hunter2' } }],
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

describe('any accepted props', () => {
  const mebibytes = (least: number, most: number) =>
    fc.integer({ min: least, max: most }).map((n) => Size.mebibytes(n));
  const resources = fc
    .tuple(
      fc.integer({ min: 1, max: 8000 }),
      fc.nat(8000),
      mebibytes(128, 65536),
      mebibytes(320, 999),
    )
    .map(([request, more, memory, disk]) => ({
      cpu: { request: Cpu.millis(request), limit: Cpu.millis(request + more) },
      memory,
      disk,
    }));
  const name = fc.stringMatching(/^[a-z]([-a-z0-9]{0,10}[a-z0-9])?$/);
  // All that is put around it has to fit beside the longest name too.
  const id = (letter: string) => fc.constantFrom(1, 2, 38).map((length) => letter.repeat(length));
  const of = <T>(props: { [P in keyof T]: fc.Arbitrary<T[P]> }, requiredKeys: (keyof T)[]) =>
    fc.record(props, { requiredKeys }) as unknown as fc.Arbitrary<T>;
  const mysql = of<Required<MySqlProps>>(
    {
      image: fc.constantFrom('mysql:8.4', `db.example:5000/mysql@sha256:${'0'.repeat(64)}`),
      storage: mebibytes(64, 1_000_000),
      storageClass: name,
      database: fc.stringMatching(/^[a-z][a-z_]{0,31}$/),
      resources,
      maxConnections: fc.integer({ min: 10, max: 100_000 }),
      tls: fc.boolean(),
      backup: of<Required<Backup>>(
        {
          image: fc.constant('restic/restic:0.18.1'),
          schedule: fc.constantFrom('17 2 * * *', '*/5 0-6 1,15 * 1-5'),
          keep: fc.record({
            daily: fc.nat(9),
            weekly: fc.nat(9),
            monthly: fc.integer({ min: 1, max: 99 }),
          }),
          to: fc.oneof(
            mebibytes(64, 1_000_000).map((storage) => ({ kind: 'claim' as const, storage })),
            fc.record({
              kind: fc.constant('s3' as const),
              host: fc.constantFrom('s3.example', 'minio'),
              port: fc.integer({ min: 1, max: 65535 }),
              plaintext: fc.boolean(),
              bucket: fc.constantFrom('backups', 'backups/production'),
              secret: fc.constant('s3'),
            }),
          ),
        },
        ['image', 'to'],
      ),
    },
    ['image', 'storage'],
  );
  const redis = of<Required<RedisProps>>(
    {
      image: fc.constantFrom('redis:7', 'redis:7.4'),
      storage: mebibytes(64, 1_000_000),
      storageClass: name,
      resources,
      tls: fc.boolean(),
    },
    ['image'],
  );

  it('synthesize stores that Kubernetes accepts under restricted, with no path but from their own backups', () => {
    fc.assert(
      fc.property(id('m'), mysql, id('r'), redis, (mysqlId, mysqlProps, redisId, redisProps) => {
        const manifests = manifestsOf((environment) => {
          new MySql(environment, mysqlId, mysqlProps);
          new Redis(environment, redisId, redisProps);
        });
        const callersOf = (store: string) => {
          const { ingress = [], egress } = find(manifests, 'NetworkPolicy', store).spec as {
            ingress?: { from: { podSelector: { matchLabels: Record<string, string> } }[] }[];
            egress?: unknown;
          };
          expect(egress).toBeUndefined();
          return ingress.flatMap(({ from }) =>
            from.flatMap(({ podSelector }) => Object.values(podSelector.matchLabels)),
          );
        };
        // Not given where fast-check leaves it out.
        const { backup } = mysqlProps as MySqlProps;
        expect(callersOf(mysqlId).sort()).toEqual(
          backup === undefined ? [] : [`${mysqlId}-backup`, `${mysqlId}-restore`],
        );
        expect(callersOf(redisId)).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });
});

describe('an environment', () => {
  it('has names that Kubernetes takes', () => {
    const app = new App({ outdir: '/nowhere' });
    const environment = new Environment(app, 'test', { namespace: 'User' });
    expect(environment.node.validate()).toEqual([
      expect.stringContaining('namespace: must be 1 to 63 lower-case'),
    ]);
  });

  it.each<[string, GatewayReference]>([
    ['gateway.name: must be 1 to 253', { name: 'Public', namespace: 'gateway' }],
    ['gateway.namespace: must be 1 to 63', { name: 'public', namespace: '' }],
    [
      'gateway.secureListener: must be 1 to 253',
      { name: 'public', namespace: 'gateway', secureListener: 'HTTPS' },
    ],
    [
      'gateway.plainListener: must be 1 to 253',
      { name: 'public', namespace: 'gateway', plainListener: ':80' },
    ],
  ])('names a Gateway and listeners that there can be: %s', (message, gateway) => {
    const environment = new Environment(new App({ outdir: '/nowhere' }), 'test', { gateway });
    expect(environment.node.validate()).toEqual([expect.stringContaining(message)]);
  });

  it('watches services that have a name', () => {
    const errors = errorsOf((environment) => {
      alertRules(environment, { service: 'User"}', backup: '' });
      dashboard(environment, 'User"}');
    });
    expect(errors).toEqual([
      expect.stringContaining('[test-environment/alert-rules] service: must be 1 to 38'),
      expect.stringContaining('[test-environment/alert-rules] backup: must be 1 to 253'),
      expect.stringContaining('[test-environment/dashboard] service: must be 1 to 38'),
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
