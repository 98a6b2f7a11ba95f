/** `npm run picture`: runs into a mistake, in a copy of the repository, and draws what is said of it. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { CommandError, parseArguments, runCommand } from './command';
import { terminalSvg } from './terminal-svg';

/** Files and folders that a synthesis reads or compares with. */
const SOURCES = [
  ...[
    'cdk8s.yaml',
    'package.json',
    'tsconfig.json',
    'tsconfig.main.json',
    'main.ts',
    'environments.ts',
    'images.json',
  ],
  ...['imports', 'lib', 'commands', 'dist', 'services/compose.yaml'],
];

/** Of main.ts, and what is written below it: a rollout that may neither add a Pod nor take one away. */
const ABOVE = /^ *replicas: \d+,\n/m;
const EDIT =
  "    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } },\n";

runCommand((argv) => {
  const { output } = parseArguments(argv, {
    usage: 'npm run picture [-- --output FILE]',
    options: { output: { type: 'string', default: 'docs/rejected-edit.svg' } },
  }).values;
  const copy = mkdtempSync(join(tmpdir(), 'picture-'));
  const remove = () => {
    rmSync(copy, { recursive: true, force: true });
  };
  process.once('exit', remove);
  for (const path of SOURCES) cpSync(path, join(copy, path), { recursive: true });
  symlinkSync(resolve('node_modules'), join(copy, 'node_modules'));

  const main = readFileSync('main.ts', 'utf8');
  const above = ABOVE.exec(main);
  if (above === null) throw new CommandError('main.ts must have a line such as replicas: 3');
  const at = above.index + above[0].length;
  writeFileSync(join(copy, 'main.ts'), main.slice(0, at) + EDIT + main.slice(at));

  const command = ['npm', 'run', '--silent', 'synth'] as const;
  const { status, stdout, stderr } = spawnSync(command[0], command.slice(1), {
    cwd: copy,
    encoding: 'utf8',
  });
  const printed = stdout + stderr;
  if (status !== 1 || !printed.includes('validation error'))
    throw new CommandError(`the edit must be a validation error; exit ${status}: ${printed}`);

  const line = main.slice(0, at).split('\n').length;
  writeFileSync(
    output,
    terminalSvg({
      title: 'A wrong edit of main.ts, and what npm run synth says of it',
      file: 'main.ts',
      source: linesAround(main.slice(0, at) + EDIT + main.slice(at), line),
      command: command.join(' '),
      printed: printed.trimEnd().split('\n'),
    }),
  );
  console.log(`wrote ${output}`);
});

/** The statement that a line is in: from the line with less indentation above it to that below. */
function linesAround(text: string, edited: number) {
  const lines = text.split('\n');
  const indentation = (number: number) => /^ */.exec(lines[number - 1] ?? '')?.[0].length ?? 0;
  const isInside = (number: number) => indentation(number) >= indentation(edited);
  let first = edited;
  while (isInside(first)) first--;
  let last = edited;
  while (isInside(last)) last++;
  return lines
    .slice(first - 1, last)
    .map((text, index) => ({ number: first + index, text, added: first + index === edited }));
}
