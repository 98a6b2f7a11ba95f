import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { atMost, type Command, medianSeconds, type Row } from './measure';
import { compare } from './peers';

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
  const [one = NaN, part = NaN, thousand = NaN] = medianSeconds(
    3,
    synthesis(1, 'judged'),
    synthesis(250, 'judged'),
    synthesis(1000, 'judged'),
  );
  const perService = (seconds: number, count: number) => (seconds - one) / (count - 1);
  const text = FOLDERS.flatMap((part) => {
    const path = join(folder, '1', part);
    return readdirSync(path).map((file) => readFileSync(join(path, file), 'utf8'));
  }).join('---\n');
  return [
    atMost('1000 microservices, judged', 8, thousand, ' s'),
    atMost(
      '… one of 1000, beside one of 250',
      1.3,
      perService(thousand, 1000) / perService(part, 250),
    ),
    ...compare('1000 microservices, not judged', synthesis(1000), [
      ['kustomize', 'build', ['build', kustomization(join(folder, 'kustomize'), text)]],
      ['helm', 'template', ['template', 'services', chart(join(folder, 'chart'), text)]],
    ]),
  ];
}

/** A chart with the manifests of one microservice as a template. @returns its folder */
function chart(folder: string, text: string): string {
  mkdirSync(join(folder, 'templates'), { recursive: true });
  writeFileSync(join(folder, 'Chart.yaml'), 'apiVersion: v2\nname: services\nversion: 0.1.0\n');
  writeFileSync(
    join(folder, 'templates', 'services.yaml'),
    `{{- range $i := until 1000 }}\n---\n${text.replaceAll('service-1', 'service-{{ $i }}')}\n{{- end }}\n`,
  );
  return folder;
}

/** A kustomization of the manifests of a thousand. @returns its folder */
function kustomization(folder: string, text: string): string {
  mkdirSync(folder);
  const files = Array.from({ length: 1000 }, (_, index) => {
    const file = `service-${index}.yaml`;
    writeFileSync(
      join(folder, file),
      text
        .replaceAll('service-1', `service-${index}`)
        // What is there once must have another name in each, or kustomize stops.
        .replace(/name: user-bench$/m, `name: user-bench-${index}`)
        .replace(/name: deny-all$/m, `name: deny-all-${index}`),
    );
    return file;
  });
  writeFileSync(
    join(folder, 'kustomization.yaml'),
    `resources:\n${files.map((file) => `- ${file}`).join('\n')}\n`,
  );
  return folder;
}
