import {
  DashboardBuilder,
  DatasourceVariableBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { ConfigMap } from 'cdk8s-plus-27';
import type { Environment } from '../environment/environment';
import { validateName } from '../environment/name';
import { EnvironmentPart } from '../environment/part';
import { contentHash } from '../pod/config-map';

interface Panel {
  readonly title: string;
  readonly unit: string;
  /** PromQL by the legend of its lines. */
  readonly queries: Readonly<Record<string, string>>;
}

/**
 * A Grafana dashboard of the service, as a ConfigMap that the sidecar of Grafana's charts finds by its label: what
 * comes in, what fails, how long it takes, and what it waits for.
 */
export function dashboard(environment: Environment, service: string): void {
  const part = new EnvironmentPart(environment, 'dashboard', dashboard);
  const claims = () => part.claim('service', service, 'dashboard of', [service]);
  if (!part.accept(validateName('service', service), claims)) return;
  part.expectName('service', service);
  const title = `${service} (${environment.namespace})`;
  const source = { type: 'prometheus', uid: '${source}' };
  const panels = panelsOf(`namespace="${environment.namespace}"`, service);
  const builder = panels.reduce(
    (dashboard, { title, unit, queries }, index) =>
      dashboard.withPanel(
        Object.entries(queries)
          .reduce(
            (panel, [legend, expr], query) =>
              panel.withTarget(
                new DataqueryBuilder()
                  .refId(String.fromCharCode(65 + query))
                  .expr(expr)
                  .legendFormat(legend),
              ),
            new PanelBuilder().title(title).unit(unit).datasource(source),
          )
          .gridPos({ x: (index % 2) * 12, y: Math.floor(index / 2) * 8, w: 12, h: 8 }),
      ),
    // The schema that files of a sidecar have; the newer one is for Grafana's own API.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    new DashboardBuilder(title)
      .uid(uidOf(`${environment.namespace}-${service}`))
      .refresh('30s')
      .time({ from: 'now-1h', to: 'now' })
      .withVariable(new DatasourceVariableBuilder('source').type('prometheus')),
  );
  new ConfigMap(part.chart(`${service}-dashboard`, 'monitoring'), 'dashboard', {
    metadata: { name: `${service}-dashboard`, labels: { grafana_dashboard: '1' } },
    data: { [`${service}.json`]: `${JSON.stringify(builder.build(), null, 2)}\n` },
  });
}

/** Grafana takes at most 40 characters: https://grafana.com/docs/grafana/latest/developers/http_api/dashboard/ */
function uidOf(name: string): string {
  return name.length <= 40 ? name : `${name.slice(0, 29)}-${contentHash(name)}`;
}

function panelsOf(own: string, service: string): Panel[] {
  const latency = (quantile: number) =>
    `histogram_quantile(${quantile}, sum by (le) (rate(user_http_request_duration_seconds_bucket{${own}}[$__rate_interval])))`;
  return [
    {
      title: 'Requests',
      unit: 'reqps',
      queries: {
        '{{route}} {{code}}': `sum by (route, code) (rate(user_http_requests_total{${own}}[$__rate_interval]))`,
      },
    },
    {
      title: 'Failed requests',
      unit: 'percentunit',
      queries: {
        '5xx': `sum(rate(user_http_requests_total{${own},code=~"5.."}[$__rate_interval])) / sum(rate(user_http_requests_total{${own}}[$__rate_interval]))`,
      },
    },
    {
      title: 'Time to answer',
      unit: 's',
      queries: { median: latency(0.5), p95: latency(0.95), p99: latency(0.99) },
    },
    {
      title: 'In flight, and hashes being made',
      unit: 'short',
      queries: {
        'in flight': `sum(user_http_requests_in_flight{${own}})`,
        hashes: `sum(user_password_hashes_running{${own}})`,
      },
    },
    {
      title: 'Stores that the Pods can use',
      unit: 'short',
      queries: { '{{store}}': `sum by (store) (user_store_up{${own}})` },
    },
    {
      title: 'Connections to MySQL',
      unit: 'short',
      queries: {
        'in use': `sum(go_sql_in_use_connections{${own}})`,
        'at most': `sum(go_sql_max_open_connections{${own}})`,
      },
    },
    {
      title: 'Requests that went on without Redis',
      unit: 'reqps',
      queries: {
        '{{use}}': `sum by (use) (rate(user_redis_uses_total{${own},outcome="bypassed"}[$__rate_interval]))`,
      },
    },
    {
      title: 'Processors, and their limit',
      unit: 'short',
      queries: {
        used: `sum(rate(process_cpu_seconds_total{${own}}[$__rate_interval]))`,
        limit: `sum(kube_pod_container_resource_limits{${own},container="${service}",resource="cpu"})`,
      },
    },
    {
      title: 'Memory',
      unit: 'bytes',
      queries: { '{{pod}}': `process_resident_memory_bytes{${own}}` },
    },
  ];
}
