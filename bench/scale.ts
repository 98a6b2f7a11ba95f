import { join } from 'node:path';
import { atMost, type Command, medianSeconds, round, type Row } from './measure';

const COUNTS = [1, 100, 1000, 4000] as const;

/** A program that writes many charts. */
export function synthesisOfServices(count: number, folder: string, app = 'App'): Command {
  return { args: ['node', '--import', 'tsx', 'bench/services.ts', String(count), folder, app] };
}

/** Synthesis of many services, a chart of a Deployment and a Service each. */
export function scaleRows(folder: string): Row[] {
  const services = (count: number, app?: string) =>
    synthesisOfServices(count, join(folder, String(count)), app);
  const medians = medianSeconds(
    3,
    ...COUNTS.map((count) => services(count)),
    services(1000, 'cdk8s.App'),
  );
  const seconds = new Map(COUNTS.map((count, index) => [count, medians[index] ?? NaN]));
  const cdk8s = medians.at(-1) ?? NaN;
  // Without what a program of one chart takes: the start of Node and the loading of modules.
  const perChart = (count: 100 | 4000) =>
    ((seconds.get(count) ?? NaN) - (seconds.get(1) ?? NaN)) / (count - 1);
  return [
    ...COUNTS.filter((count) => count !== 1000).map((count) => ({
      name: `${count} ${count === 1 ? 'chart' : 'charts'}`,
      measured: `${round(seconds.get(count) ?? NaN)} s`,
    })),
    atMost('1000 charts', 0.5, seconds.get(1000) ?? NaN, ' s'),
    atMost('… a chart of 4000, beside one of 100', 1.3, perChart(4000) / perChart(100)),
    { name: '1000 charts with the App of cdk8s', measured: `${round(cdk8s)} s` },
  ];
}
