import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
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
    ...environmentRows(folder),
  ];
}

/**
 * `npm run synth` in two copies of the repository: as it is, and with the environments taken out, so that only the
 * lesson's objects are left. Nothing has changed since the last time, as on most of a day's runs; or nothing is kept
 * of what was judged.
 */
function environmentRows(folder: string): Row[] {
  const all = copyOfRepository(join(folder, 'all'), () => undefined);
  const lesson = copyOfRepository(join(folder, 'lesson'), (copy) => {
    const environments = join(copy, 'environments.ts');
    const [types = ''] = readFileSync(environments, 'utf8').split('export const environments');
    const none = "{} as Readonly<Record<'staging' | 'production', EnvironmentSettings>>";
    writeFileSync(
      environments,
      `${types.replace(/^import { Cpu .*$/m, '')}export const environments = ${none};\n`,
    );
    const catalog = join(copy, 'images.json');
    const images = JSON.parse(readFileSync(catalog, 'utf8')) as Record<string, string>;
    const lessons = Object.entries(images).filter(([use]) => !use.includes('/'));
    writeFileSync(catalog, JSON.stringify(Object.fromEntries(lessons)));
  });
  const synth = (folder: string): Command => ({
    args: ['npm', 'run', '--silent', 'synth'],
    folder,
  });
  const anew = (folder: string): Command => ({
    args: ['sh', '-c', 'rm -rf .cache/verdicts && npm run --silent synth'],
    folder,
  });
  const [withAll = NaN, withLesson = NaN, allAnew = NaN, lessonAnew = NaN] = medianSeconds(
    7,
    ...[synth(all), synth(lesson), anew(all), anew(lesson)],
  );
  return [
    { name: 'npm run synth, the lesson alone', measured: `${round(withLesson)} s` },
    atMost('… what the environments add', 0.3, withAll - withLesson, ' s'),
    {
      name: '… what they add where all is judged anew',
      measured: `${round(allAnew - lessonAnew)} s`,
    },
  ];
}

const COPIED = [
  ...['package.json', 'tsconfig.json', 'tsconfig.main.json', 'main.ts', 'environments.ts'],
  ...['images.json', 'imports', 'commands', 'lib', 'services/compose.yaml'],
];

/** A copy in which `edit` has changed something, with its dist committed. @returns its folder */
function copyOfRepository(copy: string, edit: (copy: string) => void): string {
  for (const path of COPIED) cpSync(path, join(copy, path), { recursive: true });
  symlinkSync(join(process.cwd(), 'node_modules'), join(copy, 'node_modules'));
  edit(copy);
  const run = (command: string, ...args: string[]) =>
    execFileSync(command, args, { cwd: copy, stdio: ['ignore', 'ignore', 'inherit'] });
  run('npm', 'run', '--silent', 'synth');
  run('git', 'init', '--quiet');
  run('git', 'add', 'dist');
  const author = ['-c', 'user.name=bench', '-c', 'user.email=bench@bench.example'];
  run('git', ...author, 'commit', '--quiet', '--message', 'dist');
  return copy;
}
