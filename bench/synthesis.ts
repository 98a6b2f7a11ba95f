import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { parse } from 'yaml';
import { atMost, type Command, medianSeconds, round, type Row } from './measure';

/**
 * An app of one chart: from TypeScript, bundled and judged; main.ts by itself, and by the CLI beside the ts-node of cdk8s'
 * scaffold. What is bundled is not judged: the judging worker is a file of its own.
 */
export async function synthesisRows(folder: string): Promise<Row[]> {
  const bundle = join(folder, 'services.js');
  await build({
    entryPoints: ['bench/services.ts'],
    bundle: true,
    platform: 'node',
    outfile: bundle,
    logLevel: 'error',
  });
  const dist = join(folder, 'dist');
  const app = ['node', '--import', 'tsx', 'bench/services.ts', '1', dist] as const;
  const [fromTypeScript = NaN, bundled = NaN, judged = NaN, main = NaN] = medianSeconds(
    9,
    { args: app },
    { args: ['node', bundle, '1', dist] },
    { args: [...app, 'judged'] },
    { args: ['node', '--import', 'tsx', 'main.ts'], env: { CDK8S_OUTDIR: dist } },
  );

  const { app: command } = parse(readFileSync('cdk8s.yaml', 'utf8')) as { app: string };
  const cli = (command: string): Command => ({
    args: [
      'npx',
      'cdk8s',
      'synth',
      '--no-check-upgrade',
      '--output',
      join(folder, 'cli'),
      '--app',
      command,
    ],
  });
  const [ours = NaN, scaffold = NaN] = medianSeconds(3, cli(command), cli('npx ts-node main.ts'));
  rmSync(join(folder, 'cli'), { recursive: true, force: true });
  return [
    atMost('an app of 1 chart, from TypeScript', 0.35, fromTypeScript, ' s'),
    atMost('an app of 1 chart, bundled', 0.15, bundled, ' s'),
    atMost('what judging adds to it', 0.25, judged - fromTypeScript, ' s'),
    { name: 'main.ts, judged', measured: `${round(main)} s` },
    { name: 'npx cdk8s synth', measured: `${ours.toFixed(2)} s` },
    { name: "npx cdk8s synth with the scaffold's ts-node", measured: `${scaffold.toFixed(2)} s` },
    atMost('… ratio of the two', 0.5, ours / scaffold),
  ];
}
