import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { atMost, type Command, isInstalled, medianSeconds, round, type Row } from './measure';

const FOLDERS = ['bench', 'bench-gateway', 'bench-monitoring'] as const;

/** Synthesis of microservices with all their objects, judged, and the same objects rendered by other tools. */
export function microserviceRows(folder: string): Row[] {
  const synthesis = (count: number, ...judged: 'judged'[]): Command => ({
    args: [
      'node',
      ...['--import', 'tsx', 'bench/microservices.ts'],
      ...[`${count}`, join(folder, `${count}`), ...judged],
    ],
  });
  const others = otherTools(folder, synthesis(1));
  const [one = NaN, hundred = NaN, thousand = NaN, judged = NaN, ...rest] = medianSeconds(
    3,
    synthesis(1, 'judged'),
    synthesis(250, 'judged'),
    synthesis(1000),
    synthesis(1000, 'judged'),
    ...others.filter(({ program }) => isInstalled(program)).map(({ command }) => command),
  );
  const perService = (seconds: number, count: number) => (seconds - one) / (count - 1);
  return [
    atMost('1000 microservices, judged', 8, judged, ' s'),
    { name: '… not judged', measured: `${round(thousand)} s` },
    atMost(
      '… one of 1000, beside one of 250',
      1.3,
      perService(judged, 1000) / perService(hundred, 250),
    ),
    ...others.map(({ program, name }) => ({
      name,
      measured: isInstalled(program) ? `${round(rest.shift() ?? NaN)} s` : 'not installed',
    })),
  ];
}

interface Other {
  readonly program: string;
  readonly name: string;
  readonly command: Command;
}

/** Given the manifests of one microservice as a template, and those of a thousand as resources. */
function otherTools(folder: string, one: Command): Other[] {
  medianSeconds(1, one);
  const text = FOLDERS.flatMap((part) => {
    const path = join(folder, '1', part);
    return readdirSync(path).map((file) => readFileSync(join(path, file), 'utf8'));
  }).join('---\n');
  const chart = join(folder, 'chart');
  mkdirSync(join(chart, 'templates'), { recursive: true });
  writeFileSync(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: services\nversion: 0.1.0\n');
  writeFileSync(
    join(chart, 'templates', 'services.yaml'),
    `{{- range $i := until 1000 }}\n---\n${text.replaceAll('service-1', 'service-{{ $i }}')}\n{{- end }}\n`,
  );
  const base = join(folder, 'kustomize');
  mkdirSync(base);
  const names = Array.from({ length: 1000 }, (_, index) => `service-${index}.yaml`);
  names.forEach((name, index) => {
    writeFileSync(
      join(base, name),
      text
        .replaceAll('service-1', `service-${index}`)
        .replace(/name: user-bench$/m, `name: user-bench-${index}`)
        .replace(/name: deny-all$/m, `name: deny-all-${index}`),
    );
  });
  writeFileSync(
    join(base, 'kustomization.yaml'),
    `resources:\n${names.map((name) => `- ${name}`).join('\n')}\n`,
  );
  return [
    {
      program: 'kustomize',
      name: '1000 of them by kustomize build',
      command: { args: ['kustomize', 'build', base] },
    },
    {
      program: 'helm',
      name: '1000 of them by helm template',
      command: { args: ['helm', 'template', 'services', chart] },
    },
  ];
}
