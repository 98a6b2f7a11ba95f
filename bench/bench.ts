/** `npm run bench`: what was hoped for, what was measured, met or missed. It judges nothing: exit 0. */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArguments, runCommand } from '../commands/command';
import type { Row } from './measure';
import { microserviceRows } from './microservice-scale';
import { scaleRows } from './scale';
import { serviceRows } from './service';
import { synthesisRows } from './synthesis';
import { verdictRows } from './verdict';

type Section = readonly [title: string, rows: (folder: string) => Row[] | Promise<Row[]>];

const SECTIONS: readonly Section[] = [
  ['Synthesis', synthesisRows],
  ['Scale: a chart of a Deployment and a Service for each service', scaleRows],
  ['Microservices: all that belongs to each', microserviceRows],
  ['Verdicts', verdictRows],
  ['Service', serviceRows],
];

runCommand(async (argv) => {
  parseArguments(argv, { usage: 'npm run bench', options: {} });
  const [cpu] = cpus();
  console.log(
    `Medians; Node ${process.version}, ${String(cpus().length)} × ${cpu?.model ?? 'unknown processor'}`,
  );
  for (const [title, rows] of SECTIONS) {
    const folder = mkdtempSync(join(tmpdir(), 'bench-'));
    try {
      console.log(`\n${title}`);
      for (const row of await rows(folder)) console.log(describe(row));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
});

function describe({ name, target = '', measured, met }: Row): string {
  const verdict = met === undefined ? '' : met ? 'met' : 'missed';
  return `  ${name.padEnd(50)} ${target.padEnd(16)} ${measured.padEnd(14)} ${verdict}`.trimEnd();
}
