import { cpSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { parse } from 'yaml';
import { atMost, type Command, medianSeconds, type Row } from './measure';

/** The program behind synth: from TypeScript, bundled, and by the CLI beside the ts-node of cdk8s' scaffold. */
export async function synthesisRows(folder: string): Promise<Row[]> {
  const bundle = join(folder, 'main.js');
  await build({
    entryPoints: ['main.ts'],
    bundle: true,
    platform: 'node',
    outfile: bundle,
    logLevel: 'error',
  });
  cpSync('images.json', join(folder, 'images.json'));
  const env = { CDK8S_OUTDIR: join(folder, 'dist') };
  const [fromTypeScript = NaN, bundled = NaN] = medianSeconds(
    9,
    { args: ['node', '--import', 'tsx', 'main.ts'], env },
    { args: ['node', bundle], env },
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
    { name: 'npx cdk8s synth', measured: `${ours.toFixed(2)} s` },
    { name: "npx cdk8s synth with the scaffold's ts-node", measured: `${scaffold.toFixed(2)} s` },
    atMost('… ratio of the two', 0.5, ours / scaffold),
  ];
}
