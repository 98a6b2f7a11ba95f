import { spawnSync } from 'node:child_process';
import { provide } from '../commands/test/provide';
import { atLeast, atMost, type Row } from './measure';

interface Figure {
  readonly value: number;
  readonly at_most?: number;
  readonly at_least?: number;
}

type Report = Readonly<
  Record<
    | 'start_to_ready_ms'
    | 'memory_at_rest_mb'
    | 'login_p99_ms_at_200_per_second'
    | 'login_throughput_of_pure_hashing'
    | 'login_throughput_of_bare_handler'
    | 'goodput_of_peak_at_10_times_overload'
    | 'accepted_p99_ms_at_10_times_overload',
    Figure
  >
>;

/** The Go service against a real MySQL or MariaDB and Redis: services/user/cmd/bench-user. */
export async function serviceRows(): Promise<Row[]> {
  await provide(['go', 'mysql', 'redis']);
  // It ends with 1 when a promise is missed; the figures are printed all the same.
  const { stdout, stderr } = spawnSync('go', ['run', './cmd/bench-user'], {
    cwd: 'services/user',
    encoding: 'utf8',
  });
  if (!stdout.startsWith('{')) throw new Error(`bench-user printed no report: ${stderr}`);
  const report = JSON.parse(stdout) as Report;
  const row = (name: string, { value, at_most, at_least }: Figure, unit?: string): Row =>
    at_most === undefined
      ? atLeast(name, at_least ?? 0, value, unit)
      : atMost(name, at_most, value, unit);
  return [
    row('login beside hashing alone, throughput', report.login_throughput_of_pure_hashing),
    row('login beside a bare handler, throughput', report.login_throughput_of_bare_handler),
    row('login at 200 requests a second, p99', report.login_p99_ms_at_200_per_second, ' ms'),
    row(
      '10 times overload, logins served of the peak',
      report.goodput_of_peak_at_10_times_overload,
    ),
    row('10 times overload, p99 of those', report.accepted_p99_ms_at_10_times_overload, ' ms'),
    row('memory at rest', report.memory_at_rest_mb, ' MB'),
    row('process start to ready', report.start_to_ready_ms, ' ms'),
  ];
}
