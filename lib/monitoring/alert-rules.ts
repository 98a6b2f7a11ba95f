import { ApiObject } from 'cdk8s';
import { object, optional, type Rules } from '../app/rules';
import type { Environment } from '../environment/environment';
import { validateName, validateObjectName } from '../environment/name';
import { EnvironmentPart } from '../environment/part';

/** https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/ */
export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  /** How long it must hold: `5m`. @default - it fires at once */
  readonly for?: string;
  readonly labels: { readonly severity: 'page' | 'ticket' };
  readonly annotations: { readonly summary: string; readonly description: string };
}

export interface AlertRulesProps {
  /** Name of the Deployment. */
  readonly service: string;
  /** Name of the CronJob. @default - no backup is watched */
  readonly backup?: string;
}

const PROPS: Rules<AlertRulesProps> = {
  service: validateName,
  backup: optional(validateObjectName),
};

/**
 * Alerts on what users notice (errors, latency), on what they will notice soon (saturation, a store that is away), and
 * on what nobody notices in time (rollouts that stand still, backups that fail).
 *
 * Those about Deployments, Jobs and containers read kube-state-metrics and the kubelet's cAdvisor.
 */
export function alertRules(environment: Environment, props: AlertRulesProps): void {
  const part = new EnvironmentPart(environment, 'alert-rules', alertRules);
  const errors = object(PROPS, "use one such as { service: 'user' }")('', props);
  const claims = () => part.claim('service', props.service, 'alert rules of', [props.service]);
  if (!part.accept(errors, claims)) return;
  const { service, backup } = props;
  part.expectName('service', service);
  if (backup !== undefined) part.expectName('backup', backup);
  new ApiObject(part.chart(`${service}-alerts`, 'monitoring'), 'rules', {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: service },
    spec: { groups: [{ name: service, rules: rulesOf(environment.namespace, props) }] },
  });
}

function rulesOf(namespace: string, { service, backup }: AlertRulesProps): AlertRule[] {
  const own = `namespace="${namespace}"`;
  const rule = (
    alert: string,
    severity: 'page' | 'ticket',
    expr: string,
    wait: string | undefined,
    summary: string,
    description: string,
  ): AlertRule => ({
    alert,
    expr,
    ...(wait !== undefined && { for: wait }),
    labels: { severity },
    annotations: { summary, description },
  });
  return [
    rule(
      'UserErrors',
      'page',
      `sum(rate(user_http_requests_total{${own},code=~"5.."}[5m])) / sum(rate(user_http_requests_total{${own}}[5m])) > 0.01`,
      '5m',
      'More than 1 % of requests fail',
      'See user_store_up and the logs of the Pods. 503 with a store away is UserStoreDown.',
    ),
    rule(
      'UserSlow',
      'page',
      `histogram_quantile(0.99, sum by (le) (rate(user_http_request_duration_seconds_bucket{${own}}[5m]))) > 1`,
      '10m',
      '1 % of requests take longer than a second',
      'Hashing is what costs: see user_password_hashes_running and throttled processors; add replicas.',
    ),
    rule(
      'UserStoreDown',
      'page',
      `min by (store) (user_store_up{${own}}) == 0`,
      '1m',
      'A Pod cannot use {{ $labels.store }}',
      'Without mysql requests are answered 503; without redis they go on, and throttling does not count across Pods.',
    ),
    rule(
      'UserStoreLoginRefused',
      'ticket',
      `max by (store) (user_store_login_refused{${own}}) == 1`,
      // A rotation makes the account before the files say so.
      '5m',
      'A Pod has credentials that {{ $labels.store }} does not take',
      'It goes on with those before, and a new Pod could not log in at all. Rotate again (npm run secrets), or give the store that account, before anybody locks the old one.',
    ),
    rule(
      'UserAbsent',
      'page',
      `absent(user_http_requests_in_flight{${own}})`,
      '5m',
      'No Pod of the service is scraped',
      'Either none runs, or the PodMonitor or a network policy keeps Prometheus out.',
    ),
    rule(
      'UserSaturated',
      'ticket',
      `avg(rate(container_cpu_usage_seconds_total{${own},container="${service}"}[5m])) / avg(kube_pod_container_resource_limits{${own},container="${service}",resource="cpu"}) > 0.9`,
      '15m',
      'The service uses more than 90 % of the processors that it may',
      'Raise autoscaler.max or replicas.',
    ),
    rule(
      'UserThrottled',
      'ticket',
      `sum(rate(container_cpu_cfs_throttled_periods_total{${own},container="${service}"}[5m])) / sum(rate(container_cpu_cfs_periods_total{${own},container="${service}"}[5m])) > 0.25`,
      '15m',
      'A quarter of the time the service waits for its processor limit',
      'Raise resources.cpu.limit.',
    ),
    rule(
      'UserConnectionsExhausted',
      'ticket',
      `max(go_sql_in_use_connections{${own}} / go_sql_max_open_connections{${own}}) > 0.9`,
      '10m',
      'A Pod uses more than 90 % of its connections to MySQL',
      'Raise MYSQL_MAX_CONNECTIONS, and maxConnections of MySql with it.',
    ),
    rule(
      'UserRolloutStuck',
      'ticket',
      `kube_deployment_status_condition{${own},deployment="${service}",condition="Progressing",status="false"} == 1`,
      '1m',
      'A rollout makes no progress',
      'The old Pods go on serving. kubectl rollout undo, or look at the Pods that are not ready.',
    ),
    ...(backup === undefined
      ? []
      : [
          rule(
            'UserBackupFailed',
            'ticket',
            sinceLastBackup(own, backup),
            undefined,
            'A backup failed, or what is kept is damaged, and none has succeeded since',
            'See the logs of the Job; make one by hand (docs/restore.md).',
          ),
          rule(
            'UserBackupOld',
            'page',
            olderThan(36, own, backup),
            '1h',
            'The last backup is older than 36 hours, or there is none',
            'See kubectl get cronjob and the last Jobs; make one by hand (docs/restore.md).',
          ),
        ]),
  ];
}

function lastSuccess(own: string, backup: string): string {
  return `kube_cronjob_status_last_successful_time{${own},cronjob="${backup}"}`;
}

/** Failed Jobs that are newer than the last success: they are kept for longer than they matter. */
function sinceLastBackup(own: string, backup: string): string {
  const succeeded = lastSuccess(own, backup);
  const failed = `kube_job_status_failed{${own},job_name=~"${backup}-.*"} > 0`;
  const newer = `kube_job_created{${own},job_name=~"${backup}-.*"} > on (namespace) group_left () ${succeeded}`;
  return `${failed} and on (namespace, job_name) (${newer}) or (${failed} unless on (namespace) ${succeeded})`;
}

/** A CronJob without a success counts from when it was made: its first run is still to come then. */
function olderThan(hours: number, own: string, backup: string): string {
  const made = `kube_cronjob_created{${own},cronjob="${backup}"}`;
  return `time() - (${lastSuccess(own, backup)} or on (namespace, cronjob) ${made}) > ${hours} * 3600 or absent(${made})`;
}
