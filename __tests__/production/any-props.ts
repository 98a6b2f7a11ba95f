/** Props of microservices that are accepted, for tests that range over them. */
import { Duration, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import fc from 'fast-check';
import type { MicroserviceProps } from '../../lib';

/** No two services have one host. */
export function withHostOf(id: string, { host, ...props }: MicroserviceProps): MicroserviceProps {
  return host === undefined ? props : { ...props, host: `${id}.${host}` };
}

export function name(): fc.Arbitrary<string> {
  const longest = fc.constantFrom('a', 'b', 'c').map((letter) => letter.repeat(38));
  return fc.oneof(
    { weight: 9, arbitrary: fc.stringMatching(/^[a-z]([-a-z0-9]{0,20}[a-z0-9])?$/) },
    longest,
  );
}

export function anyProps(): fc.Arbitrary<MicroserviceProps> {
  const seconds = (least: number, most: number) =>
    fc.integer({ min: least, max: most }).map((n) => Duration.seconds(n));
  return fc
    .record(
      {
        image: fc.constantFrom(
          'user:1',
          'user:1.0',
          `registry.example:5000/a/b@sha256:${'0'.repeat(64)}`,
        ),
        port: fc.integer({ min: 1024, max: 30000 }),
        adminPort: fc.integer({ min: 30001, max: 65535 }),
        probes: fc.record(
          { live: fc.constantFrom('/', '/healthz', '/a?b=c'), start: fc.constantFrom('/readyz') },
          { requiredKeys: ['live'] },
        ),
        scale: fc.oneof(
          fc.integer({ min: 3, max: 1000 }).map((replicas) => ({ replicas })),
          fc
            .tuple(fc.integer({ min: 3, max: 50 }), fc.nat(50), fc.integer({ min: 1, max: 100 }))
            .map(([min, more, cpu]) => ({ autoscaler: { min, max: min + more, cpu } })),
          fc.constant({}),
        ),
        resources: fc
          .tuple(
            fc.integer({ min: 1, max: 8000 }),
            fc.nat(8000),
            fc.integer({ min: 1, max: 65536 }),
          )
          .map(([request, more, memory]) => ({
            cpu: { request: Cpu.millis(request), limit: Cpu.millis(request + more) },
            memory: Size.mebibytes(memory),
          })),
        env: fc.dictionary(
          fc.stringMatching(/^[A-Z][A-Z0-9]{0,10}$/).map((name) => `X_${name}_Y`),
          fc.string(),
        ),
        args: fc.array(fc.constantFrom('', 'serve', '--log=$(LEVEL)', 'ä "\'\n'), { maxLength: 3 }),
        entry: fc.record(
          {
            host: fc.constantFrom('user.example.com', 'a', 'x-1.y'),
            route: fc.constantFrom(
              { kind: 'gateway' } as const,
              { kind: 'ingress', className: 'nginx', namespace: '1-ingress' } as const,
            ),
          },
          { requiredKeys: ['host'] },
        ),
        openTo: fc.array(name(), { maxLength: 3 }),
        metrics: fc.constantFrom('pod-monitor' as const, 'annotations' as const, 'none' as const),
        drainDelay: seconds(0, 600),
        preStopSleep: seconds(1, 60),
        progressDeadline: seconds(501, 86400),
        minReady: seconds(0, 500),
        maxUnavailable: fc.integer({ min: 1, max: 2 }),
        user: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
        migration: fc.constant({ args: ['migrate'], uses: {} }),
      },
      { requiredKeys: ['image', 'port', 'probes', 'scale'] },
    )
    .map(({ scale, entry, ...props }) => ({ ...props, ...scale, ...entry }));
}
