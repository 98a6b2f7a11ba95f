import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { atMost, medianSeconds, type Row } from './measure';

interface VerdictRow {
  readonly name: string;
  readonly target: number | null;
  readonly measured: number;
  readonly unit: string;
}

/** Kubernetes' verdicts: kube-verdict's own benchmark, and what judging adds to synthesis. */
export function verdictRows(folder: string): Row[] {
  const { stdout, stderr, status } = spawnSync(
    'npm',
    ['run', '--silent', 'bench', '--workspace', 'kube-verdict'],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`the benchmark of kube-verdict failed: ${stderr}`);
  const rows = JSON.parse(stdout.slice(stdout.indexOf('['))) as VerdictRow[];

  const synthesis = (judging: 'judged' | 'not judged') =>
    ({
      args: ['node', '--import', 'tsx', 'bench/judging.ts', join(folder, 'dist'), judging],
    }) as const;
  const [judged = NaN, alone = NaN] = medianSeconds(
    7,
    synthesis('judged'),
    synthesis('not judged'),
  );
  return [
    ...rows.map(({ name, target, measured, unit }) =>
      target === null
        ? { name, measured: `${String(measured)} ${unit}` }
        : atMost(name, target, measured, ` ${unit}`),
    ),
    atMost('what judging adds to synthesis', 0.25, judged - alone, ' s'),
  ];
}
