import { Duration, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import { Microservice, type MicroserviceProps, SecretReference } from '../../lib';
import { errorsOf, user, withProps } from './manifests';

describe('bad props are refused once, with path, value and fix', () => {
  it.each<[string, Partial<MicroserviceProps>]>([
    ['image: must be an image reference', { image: 'Not An Image' }],
    ['port: must be an integer from 1024 to 65535; received 80', { port: 80 }],
    ['adminPort: must be another port than port; received 10086', { adminPort: 10086 }],
    [
      'probes.port: must be a port of the service, 10086; received 9090',
      { probes: { live: '/', port: 9090 } },
    ],
    [
      'probes.live: must be a path that begins with "/", of visible ASCII characters; received "healthz"',
      { probes: { live: 'healthz' } },
    ],
    ['replicas: must be an integer from 1 to 10000; received 0', { replicas: 0 }],
    [
      'replicas: must not be given beside an autoscaler',
      { replicas: 3, autoscaler: { min: 2, max: 3 } },
    ],
    [
      'autoscaler.max: must be at least autoscaler.min, 5; received 4',
      { autoscaler: { min: 5, max: 4 } },
    ],
    [
      'autoscaler.min: must be an integer from 2 to 10000, so that a node can be drained',
      { autoscaler: { min: 1, max: 4 } },
    ],
    [
      'autoscaler.cpu: must be an integer from 1 to 100, a percentage; received 0',
      { autoscaler: { min: 2, max: 4, cpu: 0 } },
    ],
    [
      'maxUnavailable: must be below the 1 that there are at least',
      { replicas: 1, maxUnavailable: 1 },
    ],
    [
      'maxUnavailable: must be an integer from 1 to 10000: with 0 no node could ever be drained',
      { maxUnavailable: 0 },
    ],
    [
      'gracePeriod: must be longer than preStopSleep and drainDelay together, 20 seconds',
      { drainDelay: Duration.seconds(20), gracePeriod: Duration.seconds(20) },
    ],
    [
      'progressDeadline: progressDeadline must be longer than minReady',
      { progressDeadline: Duration.seconds(5) },
    ],
    [
      'resources.cpu.request: must be at most the limit, 100m; received "1"',
      {
        resources: {
          cpu: { request: Cpu.units(1), limit: Cpu.millis(100) },
          memory: Size.mebibytes(64),
        },
      },
    ],
    [
      'resources.memory: must be 1 MiB or more',
      {
        resources: {
          cpu: { request: Cpu.millis(1), limit: Cpu.units(1) },
          memory: Size.kibibytes(64),
        },
      },
    ],
    ['host: must be a host name', { host: 'https://user.example.com' }],
    ['openTo[0]: must be 1 to 63 lower-case letters', { openTo: ['Gateway'] }],
    [
      'route.className: must be 1 to 253',
      { host: 'a.example', route: { kind: 'ingress', className: '', namespace: 'ingress' } },
    ],
    ['env.API_TOKEN: must hold no secret', { env: { API_TOKEN: 'hunter2' } }],
    ['env.URL: must hold no secret', { env: { URL: 'mysql://root:hunter2@db/user' } }],
    ['args[1]: must hold no secret', { args: ['--verbose', '--api-token=hunter2'] }],
    [
      'migration.args[0]: must hold no secret',
      { migration: { args: ['mysql://root:hunter2@db/user'], uses: {} } },
    ],
    ['env.A: must be a string; received 1', { env: { A: 1 as never } }],
    ['minReady: progressDeadline must be longer', { minReady: Duration.minutes(10) }],
    [
      'maxUnavailable: must be below the 3 that there are at least, or a drain could end them all; received 3; use 2 or less',
      { maxUnavailable: 3 },
    ],
    ['env.1X: must be named by letters', { env: { '1X': 'a' } }],
    ['uses.MYSQL: must be given', { uses: { MYSQL: undefined as never } }],
    ['uses.my: must be named by a prefix', { uses: { my: undefined as never } }],
    ['image: must name a version', { image: 'user' }],
    ['image: must name a version', { image: 'registry.example:5000/user:latest' }],
    ['image: must be an image reference', { image: 'user@sha256:abc' }],
    ['route: must come with a host', { route: { kind: 'gateway' } }],
    [
      'env.DRAIN_DELAY: must not give DRAIN_DELAY, which drainDelay gives already; received "9s"',
      { drainDelay: Duration.seconds(5), env: { DRAIN_DELAY: '9s' } },
    ],
    [
      'drainDelay: must be a Duration of whole seconds, from 0 to 86400; received 0.5 seconds',
      { drainDelay: Duration.millis(500) },
    ],
    [
      'preStopSleep: must be a Duration of whole seconds, from 1',
      { preStopSleep: Duration.seconds(0) },
    ],
    [
      'replica: must be one of the props image, port,',
      { replica: 3 } as Partial<MicroserviceProps>,
    ],
    [
      'resources.cpu.limit: must be a Cpu of whole thousandths, above 0; received "1.5m"',
      {
        resources: {
          cpu: { request: Cpu.millis(1), limit: Cpu.millis(1.5) },
          memory: Size.mebibytes(64),
        },
      },
    ],
    [
      'resources.memory: must be whole KiB; received 1.0001Mi',
      {
        resources: {
          cpu: { request: Cpu.millis(1), limit: Cpu.millis(1) },
          memory: Size.mebibytes(1.0001),
        },
      },
    ],
    ['user: must be an integer from 1 to 2147483647: 0 is root; received 0', { user: 0 }],
    [
      'migration.env.DB_PASSWORD: must hold no secret',
      { migration: { args: [], uses: {}, env: { DB_PASSWORD: 'x' } } },
    ],
  ])('%s', (message, props) => {
    const errors = errorsOf(withProps(props));
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain(`[test-environment/user] ${message}`);
    expect(errors[0]).not.toContain('hunter2');
  });

  it('a secret without the key', () => {
    const errors = errorsOf((environment) => {
      const from = new SecretReference(environment, 'pepper', { kind: 'password' });
      new Microservice(environment, 'user', {
        ...user,
        secrets: { PEPPER_FILE: { from, key: 'pepper' } },
      });
    });
    expect(errors).toEqual([
      expect.stringContaining(
        'secrets.PEPPER_FILE.key: must be a key of the Secret pepper, which has password; received "pepper"',
      ),
    ]);
  });

  it('a secret under a name that no variable can have', () => {
    const errors = errorsOf((environment) => {
      const from = new SecretReference(environment, 'pepper', { kind: 'password' });
      new Microservice(environment, 'user', {
        ...user,
        secrets: { '1X': { from, key: 'password' } },
      });
    });
    expect(errors).toEqual([expect.stringContaining('secrets.1X: must be named by letters')]);
  });

  it('a secret that is used and not given', () => {
    const secrets = { PEPPER_FILE: { from: undefined as never, key: 'password' } };
    expect(errorsOf(withProps({ secrets }))).toEqual([
      expect.stringContaining(
        '[test-environment/user] secrets.PEPPER_FILE.from: must be a SecretReference; received undefined',
      ),
    ]);
  });

  it('a name that no Service can have', () => {
    expect(
      errorsOf((environment) => {
        new Microservice(environment, 'User_1', user);
      }),
    ).toEqual([expect.stringContaining('id: must be 1 to 38 lower-case letters')]);
  });
});
