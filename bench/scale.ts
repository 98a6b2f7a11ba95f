import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { atMost, type Command, isInstalled, medianSeconds, round, type Row } from './measure';

const COUNTS = [1, 100, 1000, 4000] as const;

/** Synthesis of many services, a chart of a Deployment and a Service each, and the same rendered by other tools. */
export function scaleRows(folder: string): Row[] {
  const services = (count: number, app = 'App'): Command => ({
    args: [
      'node',
      '--import',
      'tsx',
      'bench/services.ts',
      String(count),
      join(folder, String(count)),
      app,
    ],
  });
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
    ...otherTools(folder),
  ];
}

function otherTools(folder: string): Row[] {
  const manifests = join(folder, '1000');
  const files = readdirSync(manifests);
  writeFileSync(
    join(manifests, 'kustomization.yaml'),
    `resources:\n${files.map((file) => `- ${file}`).join('\n')}\n`,
  );
  const chart = join(folder, 'chart');
  mkdirSync(join(chart, 'templates'), { recursive: true });
  writeFileSync(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: services\nversion: 0.1.0\n');
  writeFileSync(join(chart, 'templates', 'services.yaml'), HELM_TEMPLATE);
  return (
    [
      ['kustomize', ['kustomize', 'build', manifests]],
      ['helm', ['helm', 'template', 'services', chart]],
    ] as const
  ).map(([program, args]) => ({
    name: `1000 services by ${args.slice(0, 2).join(' ')}`,
    measured: isInstalled(program)
      ? `${round(medianSeconds(3, { args })[0] ?? NaN)} s`
      : 'not installed',
  }));
}

const HELM_TEMPLATE = `{{- range $i := until 1000 }}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: user-service-{{ $i }}, labels: {name: user-service}}
spec:
  replicas: 3
  selector: {matchLabels: {name: user-service}}
  template:
    metadata: {labels: {name: user-service}}
    spec:
      containers:
        - {name: user, image: user, imagePullPolicy: IfNotPresent, ports: [{containerPort: 10086}]}
        - {name: mysql, image: mysql-for-user, imagePullPolicy: IfNotPresent, ports: [{containerPort: 3306}]}
        - {name: redis, image: "redis:5.0", imagePullPolicy: IfNotPresent, ports: [{containerPort: 6379}]}
---
apiVersion: v1
kind: Service
metadata: {name: user-service-{{ $i }}}
spec: {selector: {name: user-service}, ports: [{port: 10086}]}
{{- end }}
`;
