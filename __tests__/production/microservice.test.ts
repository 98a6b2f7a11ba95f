import { Duration, Size } from 'cdk8s';
import fc from 'fast-check';
import {
  external,
  Microservice,
  type MicroserviceProps,
  MySql,
  Redis,
  SecretReference,
} from '../../lib';
import { anyProps, name, withHostOf } from './any-props';
import { find, type Manifest, manifestsOf, user, withProps } from './manifests';

describe('network paths', () => {
  it('are those of uses, both ways, and no others', () => {
    const manifests = manifestsOf((environment) => {
      const mysql = new MySql(environment, 'mysql', {
        image: 'mysql:8.4',
        storage: Size.gibibytes(1),
      });
      const redis = new Redis(environment, 'redis', { image: 'redis:7.4' });
      const user = new Microservice(environment, 'user', {
        image: 'user:1.0',
        port: 10086,
        adminPort: 10087,
        probes: { live: '/healthz' },
        host: 'user.example.com',
        uses: { MYSQL: mysql, REDIS: redis },
      });
      new Microservice(environment, 'caller', {
        image: 'caller:1.0',
        port: 8080,
        probes: { live: '/' },
        metrics: 'none',
        uses: { USER: user },
      });
      new Microservice(environment, 'stranger', {
        image: 'stranger:1.0',
        port: 8080,
        probes: { live: '/' },
        metrics: 'none',
      });
    });
    expect(pathsOf(manifests)).toEqual([
      '* in: nothing',
      '* out: nothing',
      'caller out: dns, user:10086',
      'mysql in: user:3306',
      'redis in: user:6379',
      'user in: namespace gateway:10086, namespace monitoring:10087, caller:10086',
      'user out: dns, mysql:3306, redis:6379',
    ]);
  });

  it('lead out of the cluster to the port of an external store', () => {
    const manifests = manifestsOf((environment) => {
      const mysql = external(environment, 'mysql', {
        host: 'db.example.com',
        port: 3306,
        secret: 'db',
        addresses: '10.1.0.0/16',
      });
      new Microservice(environment, 'user', { ...user, metrics: 'none', uses: { MYSQL: mysql } });
    });
    expect(pathsOf(manifests)).toContain('user out: dns, 10.1.0.0/16:3306');
    const { data } = manifests.find(({ kind }) => kind === 'ConfigMap') ?? {};
    expect(data).toMatchObject({
      MYSQL_HOST: 'db.example.com',
      MYSQL_PASSWORD_FILE: '/etc/secrets/db/password',
      MYSQL_TLS_CA_FILE: '/etc/secrets/db/ca.crt',
    });
  });
});

it('writes no count of Pods beside an autoscaler', () => {
  const manifests = manifestsOf(withProps({ autoscaler: { min: 2, max: 4 } }));
  expect(find(manifests, 'Deployment', 'user').spec).not.toHaveProperty('replicas');
  expect(find(manifests, 'HorizontalPodAutoscaler', 'user').spec).toMatchObject({
    minReplicas: 2,
    maxReplicas: 4,
  });
});

it('has no budget for one replica, which would block the drain of its node', () => {
  expect(manifestsOf(withProps({ replicas: 1 })).map(({ kind }) => kind)).not.toContain(
    'PodDisruptionBudget',
  );
});

it('pauses before SIGTERM by the kubelet where that is asked for', () => {
  const manifests = manifestsOf(withProps({ preStopSleep: Duration.seconds(5) }));
  expect(find(manifests, 'Deployment', 'user').spec).toMatchObject({
    template: {
      spec: {
        terminationGracePeriodSeconds: 30,
        containers: [{ lifecycle: { preStop: { sleep: { seconds: 5 } } } }],
      },
    },
  });
});

it('names configuration by its content, so that a change rolls out', () => {
  const nameOf = (env: Record<string, string>) =>
    manifestsOf(withProps({ env })).find(({ kind }) => kind === 'ConfigMap')?.metadata.name;
  expect(nameOf({ A: '1' })).toBe(nameOf({ A: '1' }));
  expect(nameOf({ A: '1' })).not.toBe(nameOf({ A: '2' }));
});

it('routes by an Ingress with TLS where there is a controller of those', () => {
  const manifests = manifestsOf(
    withProps({
      host: 'user.example.com',
      route: { kind: 'ingress', className: 'nginx', namespace: 'ingress' },
    }),
  );
  expect(find(manifests, 'Ingress', 'user').spec).toMatchObject({
    tls: [{ hosts: ['user.example.com'], secretName: 'user-tls' }],
  });
  expect(pathsOf(manifests)).toContain(
    'user in: namespace ingress:10086, namespace monitoring:10086',
  );
});

it('migrates by a Job of its own, named by what it runs, with the account that may change the schema', () => {
  const of = (image: string) =>
    manifestsOf((environment) => {
      const mysql = new MySql(environment, 'mysql', {
        image: 'mysql:8.4',
        storage: Size.gibibytes(1),
      });
      new Microservice(environment, 'user', {
        ...user,
        image,
        metrics: 'none',
        uses: { MYSQL: mysql },
        migration: { args: ['migrate'], uses: { MYSQL: mysql.owner } },
      });
    });
  const job = (image: string) => of(image).find(({ kind }) => kind === 'Job');
  expect(JSON.stringify(job('user:1'))).toContain('/etc/secrets/mysql-owner/password');
  expect(JSON.stringify(find(of('user:1'), 'Deployment', 'user'))).not.toContain('mysql-owner');
  expect(job('user:1')?.metadata.name).not.toBe(job('user:2')?.metadata.name);
  expect(pathsOf(of('user:1'))).toEqual(
    expect.arrayContaining([
      'mysql in: user-migrate:3306, user:3306',
      'user-migrate out: dns, mysql:3306',
    ]),
  );
});

it('names the files of its Secrets by variables', () => {
  const manifests = manifestsOf((environment) => {
    const from = new SecretReference(environment, 'pepper', { kind: 'password' });
    new Microservice(environment, 'user', {
      ...user,
      secrets: { PEPPER_FILE: { from, key: 'password' } },
    });
  });
  const configuration = manifests.find(({ kind }) => kind === 'ConfigMap');
  expect(configuration?.data).toEqual({ PEPPER_FILE: '/etc/secrets/pepper/password' });
  expect(JSON.stringify(find(manifests, 'Deployment', 'user'))).toContain('"secretName":"pepper"');
});

describe('any accepted props', () => {
  it('synthesize manifests that Kubernetes accepts under restricted, and select their own Pods alone', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(name(), { minLength: 2, maxLength: 3 }),
        fc.array(anyProps(), { minLength: 3, maxLength: 3 }),
        (names, props) => {
          const manifests = manifestsOf((environment) => {
            names.forEach((id, index) => {
              new Microservice(environment, id, withHostOf(id, props[index] ?? user));
            });
          });
          for (const id of names) {
            const selecting = [
              (find(manifests, 'Deployment', id).spec.selector as { matchLabels: object })
                .matchLabels,
              find(manifests, 'Service', id).spec.selector as object,
              (find(manifests, 'NetworkPolicy', id).spec.podSelector as { matchLabels: object })
                .matchLabels,
            ];
            for (const selector of selecting)
              expect(
                podsOf(manifests)
                  .filter(({ labels }) =>
                    Object.entries(selector).every(([key, value]) => labels[key] === value),
                  )
                  .map(({ of }) => of),
              ).toEqual([`Deployment/${id}`]);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('open exactly the paths of uses, of the route, of openTo and of metrics', () => {
    const used = fc.array(fc.nat(3), { maxLength: 4 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(anyProps(), used), { minLength: 1, maxLength: 4 }),
        (services) => {
          // Each uses those before it, some of them twice, and the store.
          const usesOf = services.map(([, indices], index) =>
            indices.filter((other) => other < index),
          );
          const manifests = manifestsOf((environment) => {
            const store = new Redis(environment, 'store', { image: 'redis:7.4' });
            const made: Microservice[] = [];
            services.forEach(([props], index) => {
              const uses = Object.fromEntries([
                ['STORE', store],
                ...(usesOf[index] ?? []).map((other, n) => [`S${n}`, made[other]] as const),
              ]) as MicroserviceProps['uses'];
              const migration = props.migration && { args: [], uses: { STORE: store } };
              made.push(
                new Microservice(environment, `s${index}`, {
                  ...withHostOf(`s${index}`, props),
                  ...(migration && { migration }),
                  ...(uses && { uses }),
                }),
              );
            });
          });
          const portOf = (index: number) => services[index]?.[0].port ?? 0;
          const expected = services.flatMap(([props], index) => {
            const { host, openTo, route, port, adminPort = port, metrics } = props;
            const routed = route?.kind === 'ingress' ? route.namespace : 'gateway';
            const into = [
              ...(host !== undefined || openTo !== undefined ? (openTo ?? [routed]) : []).map(
                (name) => `namespace ${name}:${port}`,
              ),
              ...(metrics === 'none' ? [] : [`namespace monitoring:${adminPort}`]),
              ...usesOf.flatMap((indices, caller) =>
                indices.includes(index) ? [`s${caller}:${port}`] : [],
              ),
            ];
            const out = (usesOf[index] ?? []).map((other) => `s${other}:${portOf(other)}`);
            return [
              ...(into.length > 0 ? [pathsLine(`s${index} in`, into)] : []),
              pathsLine(`s${index} out`, ['dns', 'store:6379', ...out]),
              ...(props.migration === undefined
                ? []
                : [pathsLine(`s${index}-migrate out`, ['dns', 'store:6379'])]),
            ];
          });
          const callers = services.flatMap(([{ migration }], index) => [
            `s${index}:6379`,
            ...(migration === undefined ? [] : [`s${index}-migrate:6379`]),
          ]);
          expect(pathsOf(manifests).map(sorted)).toEqual(
            ['* in: nothing', '* out: nothing', pathsLine('store in', callers), ...expected].sort(),
          );
        },
      ),
      { numRuns: 60 },
    );
  });
});

/** `NAME in: PATH, PATH`, each path once. */
function pathsLine(of: string, paths: readonly string[]): string {
  return `${of}: ${[...new Set(paths)].sort().join(', ')}`;
}

function sorted(line: string): string {
  const [of = '', paths = ''] = line.split(': ');
  return pathsLine(of, paths.split(', '));
}

interface Template {
  readonly metadata: { readonly labels: Record<string, string> };
}

function podsOf(manifests: readonly Manifest[]): { of: string; labels: Record<string, string> }[] {
  return manifests.flatMap(({ kind, metadata, spec }) => {
    const template = (spec as Manifest['spec'] | undefined)?.template as Template | undefined;
    return template === undefined
      ? []
      : [{ of: `${kind}/${metadata.name}`, labels: template.metadata.labels }];
  });
}

interface Peer {
  readonly podSelector?: { readonly matchLabels: Readonly<Record<string, string>> };
  readonly namespaceSelector?: { readonly matchLabels: Readonly<Record<string, string>> };
  readonly ipBlock?: { readonly cidr: string };
}

/** A line for each policy and direction that has any path; all of `policyTypes` for the one that selects every Pod. */
function pathsOf(manifests: readonly Manifest[]): string[] {
  return manifests
    .filter(({ kind }) => kind === 'NetworkPolicy')
    .flatMap(({ spec }) => {
      const { podSelector, ingress, egress, policyTypes } = spec as {
        podSelector: { matchLabels?: Record<string, string> };
        ingress?: { from: Peer[]; ports: { port?: number }[] }[];
        egress?: { to: Peer[]; ports: { port?: number }[] }[];
        policyTypes: string[];
      };
      expect(policyTypes).toEqual(['Ingress', 'Egress']);
      const of = podSelector.matchLabels?.['app.kubernetes.io/name'] ?? '*';
      const into = (ingress ?? []).map(({ from, ports }) => describe_(from, ports));
      const out = (egress ?? []).map(({ to, ports }) => describe_(to, ports));
      if (of === '*')
        return [`* in: ${into.join(', ') || 'nothing'}`, `* out: ${out.join(', ') || 'nothing'}`];
      return [
        ...(into.length > 0 ? [`${of} in: ${into.join(', ')}`] : []),
        ...(out.length > 0 ? [`${of} out: ${out.join(', ')}`] : []),
      ];
    })
    .sort();
}

function describe_([peer, ...more]: Peer[], ports: { port?: number }[]): string {
  expect(more).toEqual([]);
  const numbers = ports.map(({ port }) => port ?? 'any');
  const pods = Object.values(peer?.podSelector?.matchLabels ?? {}).join();
  if (pods === 'kube-dns' && numbers.join() === '53,53') return 'dns';
  const namespace = Object.values(peer?.namespaceSelector?.matchLabels ?? {})
    .map((name) => `namespace ${name}`)
    .join();
  return `${peer?.ipBlock?.cidr ?? [namespace, pods].filter(Boolean).join(' ')}:${numbers.join()}`;
}
