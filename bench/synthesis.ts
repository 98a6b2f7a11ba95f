import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { parse } from 'yaml';
import { atMost, type Command, medianSeconds, type Row } from './measure';

/**
 * The program behind synth: from TypeScript, bundled, judged, and by the CLI beside the ts-node of cdk8s' scaffold. What
 * is bundled is not judged: the judging worker is a file of its own.
 */
export async function synthesisRows(folder: string): Promise<Row[]> {
  const bundle = join(folder, 'lesson.js');
  await build({
    entryPoints: ['bench/lesson.ts'],
    bundle: true,
    platform: 'node',
    outfile: bundle,
    logLevel: 'error',
  });
  const dist = join(folder, 'dist');
  const lesson = ['--import', 'tsx', 'bench/lesson.ts', dist] as const;
  const [fromTypeScript = NaN, bundled = NaN, judged = NaN] = medianSeconds(
    9,
    { args: ['node', ...lesson, 'unjudged'] },
    { args: ['node', bundle, dist, 'unjudged'] },
    { args: ['node', ...lesson, 'judged'] },
  );

  const { app } = parse(readFileSync('cdk8s.yaml', 'utf8')) as { app: string };
  const cli = (program: string): Command => ({
    args: [
      'npx',
      'cdk8s',
      'synth',
      '--no-check-upgrade',
      '--output',
      join(folder, 'cli'),
      '--app',
      program,
    ],
  });
  const [ours = NaN, scaffold = NaN] = medianSeconds(3, cli(app), cli('npx ts-node main.ts'));
  rmSync(join(folder, 'cli'), { recursive: true, force: true });
  return [
    atMost('program behind synth, from TypeScript', 0.35, fromTypeScript, ' s'),
    atMost('program behind synth, bundled', 0.15, bundled, ' s'),
    atMost('what judging adds to it', 0.25, judged - fromTypeScript, ' s'),
    { name: 'npx cdk8s synth', measured: `${ours.toFixed(2)} s` },
    { name: "npx cdk8s synth with the scaffold's ts-node", measured: `${scaffold.toFixed(2)} s` },
    atMost('… ratio of the two', 0.5, ours / scaffold),
  ];
}
