/** What types forbid and what JSON, a cast or JavaScript gives all the same. */
import { Duration, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import fc from 'fast-check';
import {
  alertRules,
  type App,
  dashboard,
  Environment,
  type EnvironmentProps,
  external,
  type ExternalProps,
  Microservice,
  type MicroserviceProps,
  MySql,
  type MySqlProps,
  Redis,
  type RedisProps,
  SecretReference,
} from '../../lib';
import { errorsOf, user } from './manifests';

const cpu = { request: Cpu.millis(10), limit: Cpu.units(1) };
const resources = { cpu, memory: Size.mebibytes(512), disk: Size.gibibytes(1) };
const to = {
  kind: 's3',
  host: 's3.example',
  port: 443,
  plaintext: false,
  bucket: 'backups',
  secret: 's3',
};
const gateway = {
  name: 'public',
  namespace: 'gateway',
  secureListener: 'https',
  plainListener: 'http',
};

/** A value for each prop, those within others included, and a construct of them. */
const CONSTRUCTS = {
  Environment: {
    path: 'other-environment',
    props: {
      namespace: 'other',
      gateway,
      monitoringNamespace: 'monitoring',
      secretStore: 'platform',
    } satisfies Required<EnvironmentProps>,
    create: (environment: Environment, props: never) =>
      new Environment(environment.node.scope as App, 'other', props),
  },
  Microservice: {
    path: 'test-environment/user',
    props: {
      ...user,
      adminPort: 10087,
      probes: { start: '/readyz', ready: '/readyz', live: '/healthz', port: 10087 },
      autoscaler: { min: 3, max: 12, cpu: 70 },
      resources,
      args: ['serve'],
      env: { LOG_LEVEL: 'info' },
      uses: {},
      secrets: {},
      host: 'user.example.com',
      route: { kind: 'ingress', className: 'nginx', namespace: 'ingress', tlsSecret: 'user-tls' },
      openTo: ['ingress'],
      metrics: 'none',
      drainDelay: Duration.seconds(5),
      gracePeriod: Duration.seconds(30),
      preStopSleep: Duration.seconds(1),
      minReady: Duration.seconds(10),
      progressDeadline: Duration.minutes(10),
      maxUnavailable: 1,
      migration: { args: ['migrate'], env: { LOG_LEVEL: 'info' }, uses: {} },
      user: 65532,
    } satisfies Required<Omit<MicroserviceProps, 'replicas'>>,
    create: (environment: Environment, props: never) =>
      new Microservice(environment, 'user', props),
  },
  MySql: {
    path: 'test-environment/mysql',
    props: {
      image: 'mysql:8.4',
      storage: Size.gibibytes(1),
      storageClass: 'fast',
      database: 'user',
      resources,
      maxConnections: 200,
      tls: true,
      backup: {
        image: 'restic/restic:0.18.1',
        to: to as Extract<NonNullable<MySqlProps['backup']>['to'], { kind: 's3' }>,
        schedule: '17 2 * * *',
        keep: { daily: 7, weekly: 5, monthly: 12 },
      },
    } satisfies Required<MySqlProps>,
    create: (environment: Environment, props: never) => new MySql(environment, 'mysql', props),
  },
  Redis: {
    path: 'test-environment/redis',
    props: {
      image: 'redis:7.4',
      storage: Size.gibibytes(1),
      storageClass: 'fast',
      resources,
      tls: true,
    } satisfies Required<RedisProps>,
    create: (environment: Environment, props: never) => new Redis(environment, 'redis', props),
  },
  external: {
    path: 'test-environment/db',
    props: {
      host: 'db.example.com',
      port: 3306,
      secret: 'db',
      tls: true,
      variables: { DATABASE: 'user' },
      addresses: '10.0.0.0/8',
    } satisfies Required<ExternalProps>,
    create: (environment: Environment, props: never) => external(environment, 'db', props),
  },
  alertRules: {
    path: 'test-environment/alert-rules',
    props: { service: 'user', backup: 'mysql-backup' },
    create: (environment: Environment, props: never) => {
      new MySql(environment, 'mysql', CONSTRUCTS.MySql.props);
      new Microservice(environment, 'user', user);
      alertRules(environment, props);
    },
  },
} as const;

/** The paths to all values of props, the props themselves first. */
function pathsIn(value: unknown, at: readonly string[] = []): (readonly string[])[] {
  const isInner =
    Array.isArray(value) ||
    (typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype);
  if (!isInner) return [at];
  return [
    at,
    ...Object.entries(value as object).flatMap(([name, inner]) => pathsIn(inner, [...at, name])),
  ];
}

function replaced(value: unknown, [first, ...rest]: readonly string[], by: unknown): unknown {
  if (first === undefined) return by;
  const copy = (
    Array.isArray(value) ? [...(value as readonly unknown[])] : { ...(value as object) }
  ) as Record<string, unknown>;
  copy[first] = replaced(copy[first], rest, by);
  return copy;
}

/** `openTo[0]`, `probes.live` */
function fieldOf(path: readonly string[]): string {
  return path
    .map((name) => (/^\d+$/.test(name) ? `[${name}]` : `.${name}`))
    .join('')
    .replace(/^\./, '');
}

/** Props that another may be wrong without: what is right by itself may still leave that without its meaning. */
const MEANT_FOR: Readonly<Record<string, readonly string[]>> = {
  port: ['adminPort', 'probes.port'],
  adminPort: ['probes.port'],
  host: ['route'],
  autoscaler: ['maxUnavailable'],
  'autoscaler.min': ['autoscaler.max'],
  drainDelay: ['gracePeriod'],
  preStopSleep: ['gracePeriod'],
  minReady: ['progressDeadline'],
};

const wrong = fc.oneof(
  fc.anything(),
  fc.constantFrom<unknown>(
    ...[undefined, null, NaN, 0, -1, 1.5, 1e9, 65536, '', ' ', 'é', '__proto__', 'constructor'],
    ...['a'.repeat(300), 'http://a.example:80/b', '10.0.0.1', '*.example', 'a_b', 'a.example.'],
    ...[true, [], {}, () => 1, Symbol('s'), 1n, new Date(0)],
    ...[Duration.seconds(0), Duration.millis(1500), Duration.days(400)],
    ...[
      Size.kibibytes(0),
      Size.mebibytes(1.5),
      Size.mebibytes(1.0001),
      Cpu.millis(0),
      Cpu.units(1e-4),
    ],
  ),
);

describe.each(Object.entries(CONSTRUCTS))('%s', (_, { path, props, create }) => {
  const create_ = create;

  it('takes what its types say', () => {
    expect(errorsOf((environment) => create_(environment, props as never))).toEqual([]);
  });

  it('takes any value of any prop, or refuses it by its field, with rule, value and fix', () => {
    fc.assert(
      fc.property(fc.constantFrom(...pathsIn(props)), wrong, (place, value) => {
        const field = fieldOf(place);
        const errors = errorsOf((environment) =>
          create_(environment, replaced(props, place, value) as never),
        );
        // An object that lacks several props, or has several of others' names, is refused for each.
        if (typeof value !== 'object' || value === null)
          expect(errors.length).toBeLessThanOrEqual(1);
        const fields = [field, ...(MEANT_FOR[field] ?? [])].map((one) => `[${path}] ${one}`);
        for (const error of errors) {
          expect(fields.filter((one) => error.startsWith(one))).not.toEqual([]);
          expect(error).toMatch(/: must [^]+; received [^]+; /);
        }
      }),
      { numRuns: 100 },
    );
  });
});

it.each([null, undefined, 0, '', 'Not a name', {}, [], 'constructor', '__proto__'])(
  'an id that is none is one error: %p',
  (value) => {
    const id = value as string;
    const creators: ((environment: Environment) => unknown)[] = [
      (environment) => new Environment(environment.node.scope as App, id),
      (environment) => new Microservice(environment, id, user),
      (environment) => new MySql(environment, id, CONSTRUCTS.MySql.props),
      (environment) => new Redis(environment, id, CONSTRUCTS.Redis.props),
      (environment) => external(environment, id, CONSTRUCTS.external.props),
      (environment) => new SecretReference(environment, id, { kind: 'password' }),
      (environment) => {
        dashboard(environment, id);
      },
    ];
    for (const create of creators)
      expect(errorsOf(create)).toEqual([expect.stringMatching(/\] (id|name|service): must /)]);
  },
);
