import { spawnSync } from 'node:child_process';
import { atMost, type Row } from './measure';

interface VerdictRow {
  readonly name: string;
  readonly target: number | null;
  readonly measured: number;
  readonly unit: string;
}

/** Kubernetes' verdicts: kube-verdict's own benchmark. */
export function verdictRows(): Row[] {
  const { stdout, stderr, status } = spawnSync(
    'npm',
    ['run', '--silent', 'bench', '--workspace', 'kube-verdict'],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`the benchmark of kube-verdict failed: ${stderr}`);
  const rows = JSON.parse(stdout.slice(stdout.indexOf('['))) as VerdictRow[];
  return rows.map(({ name, target, measured, unit }) =>
    target === null
      ? { name, measured: `${measured} ${unit}` }
      : atMost(name, target, measured, ` ${unit}`),
  );
}
