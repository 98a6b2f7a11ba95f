import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Size } from 'cdk8s';
import { alertRules, dashboard, MySql } from '../../lib';
import { find, type Manifest, manifestsOf, withProps } from '../production/manifests';

/** Not the service's own: of kube-state-metrics 2 (docs/metrics), and of cAdvisor in the kubelet. */
const OF_THE_CLUSTER = [
  'container_cpu_cfs_periods_total',
  'container_cpu_cfs_throttled_periods_total',
  'container_cpu_usage_seconds_total',
  'kube_cronjob_created',
  'kube_cronjob_status_last_successful_time',
  'kube_deployment_status_condition',
  'kube_job_created',
  'kube_job_status_failed',
  'kube_pod_container_resource_limits',
];

const ROOT = join(__dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'metrics-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** The names of metrics that the service shows after a request. */
async function metricsOfTheService(): Promise<string[]> {
  const program = join(folder, 'user');
  execFileSync('go', ['build', '-buildvcs=false', '-o', program, './cmd/user'], {
    cwd: join(ROOT, 'services', 'user'),
  });
  // Its stores are nowhere: it starts at once, and says so by its metrics.
  const service = spawn(program, [], {
    env: { HTTP_ADDR: '127.0.0.1:0', MYSQL_PORT: '1', REDIS_PORT: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise((resolve) => service.once('exit', resolve));
  try {
    const address = await new Promise<string>((resolve, reject) => {
      let log = '';
      const read = (chunk: Buffer) => {
        log += chunk.toString();
        const [found] =
          /127\.0\.0\.1:[1-9]\d*(?=")/.exec(log.replaceAll(/127\.0\.0\.1:1\b/g, '')) ?? [];
        if (found !== undefined) resolve(found);
      };
      service.stdout.on('data', read);
      service.stderr.on('data', read);
      service.once('exit', () => {
        reject(new Error(log));
      });
    });
    await fetch(`http://${address}/login`, {
      method: 'POST',
      body: new URLSearchParams({ email: 'a@b.example', password: 'secret' }),
    });
    const metrics = await (await fetch(`http://${address}/metrics`)).text();
    return [...metrics.matchAll(/^(\w+)[{ ]/gm)].map(([, name = '']) => name);
  } finally {
    service.kill();
    await ended;
  }
}

/** The metrics that an expression reads. */
function metricsIn(expression: string): string[] {
  const bare = expression
    .replaceAll(/"[^"]*"/g, '')
    .replaceAll(/\{[^}]*\}|\[[^\]]*\]|\b(by|without|on) *\([^)]*\)/g, '');
  return [...bare.matchAll(/\b[a-z]\w*_\w*\b(?! *\()/g)].map(([name]) => name);
}

function expressionsOf(manifests: readonly Manifest[]): string[] {
  const rules = find(manifests, 'PrometheusRule', 'user').spec as {
    groups: { rules: { expr: string }[] }[];
  };
  const { panels } = JSON.parse(
    find(manifests, 'ConfigMap', 'user-dashboard').data?.['user.json'] ?? '',
  ) as { panels: { targets: { expr: string }[] }[] };
  return [
    ...rules.groups.flatMap(({ rules }) => rules.map(({ expr }) => expr)),
    ...panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
  ];
}

it('alerts and dashboard read metrics that there are', async () => {
  const manifests = manifestsOf((environment) => {
    withProps({})(environment);
    new MySql(environment, 'mysql', {
      image: 'mysql:8.4',
      storage: Size.gibibytes(1),
      backup: {
        image: 'restic/restic:0.18.1',
        to: { kind: 'claim', storage: Size.gibibytes(1) },
      },
    });
    alertRules(environment, { service: 'user', backup: 'mysql-backup' });
    dashboard(environment, 'user');
  });
  const read = new Set(expressionsOf(manifests).flatMap(metricsIn));
  expect(read.size).toBeGreaterThan(15);
  const shown = await metricsOfTheService();
  expect([...read].filter((name) => !shown.includes(name)).sort()).toEqual(OF_THE_CLUSTER);
});

it('watches no backup where there is none', () => {
  const manifests = manifestsOf((environment) => {
    withProps({})(environment);
    alertRules(environment, { service: 'user' });
  });
  expect(JSON.stringify(manifests)).not.toContain('Backup');
});
