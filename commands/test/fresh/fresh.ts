/**
 * `npm test -- fresh`: clones the commit into a Debian that has Git, this machine's Node and Go and nothing else, and
 * runs the set-up commands of its README there.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { cacheFolder, identify, Steps } from 'local-cluster';
import { parseArguments, runCommand } from '../../command';
import { type Counts, countSummary, failureLines } from '../counts';
import { CACHES } from '../run-suite';
import { commandIn, foreignPrograms, type Shown, unpackDebianRoot } from './debian-root';
import { setUpCommands } from './readme';
import { carriedVariables, copySettings } from './settings';

const CLONE = '/root/user-service-kubernetes';

runCommand(async (argv) => {
  parseArguments(argv, { usage: 'npm test -- fresh', options: {} });
  const steps = new Steps(console.log);
  const folder = join(cacheFolder(), 'fresh');
  removeAbandoned(folder);
  const root = join(folder, String(process.pid));
  const remove = () => {
    rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  };
  process.once('exit', remove);
  mkdirSync(root, { recursive: true });
  const results = await prove(root, steps);
  const sum = (count: 'passed' | 'failed') =>
    results.reduce((total, counts) => total + counts[count], 0);
  console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
  if (sum('failed') > 0) process.exitCode = 1;
});

async function prove(root: string, steps: Steps): Promise<Counts[]> {
  await unpackDebianRoot(root, steps);
  const variables = carriedVariables(process.env);
  copySettings(root, variables);
  const shown = nodeAndGo();
  for (const name of ['npm', 'npx'])
    symlinkSync(`../lib/node_modules/npm/bin/${name}-cli.js`, join(root, 'usr/local/bin', name));
  const env = {
    ...variables,
    HOME: '/root',
    LANG: 'C.UTF-8',
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/go/bin',
  };
  const commit = clone(join(root, CLONE));
  steps.note(
    `${commit} in a minimal Debian with Git, this machine's Node and Go, and nothing else`,
  );

  const temporaryBefore = readdirSync(join(root, 'tmp'));
  const results: Counts[] = [];
  for (const command of setUpCommands(readFileSync(join(root, CLONE, 'README.md'), 'utf8')))
    results.push(await execute(command, root, shown, env));
  const temporary = readdirSync(join(root, 'tmp')).filter(
    (entry) => !temporaryBefore.includes(entry) && !CACHES.test(entry),
  );
  return [
    ...results,
    check('nothing is left in the temporary folder', temporary),
    check('no program but of packages of its own', foreignPrograms(root)),
  ];
}

/** A line of the report, and how it counts. */
function check(what: string, problems: readonly string[]): Counts {
  const holds = problems.length === 0;
  if (holds) console.log(`  ok   ${what}`);
  else console.log(failureLines([[what, ...problems].join('\n')]).join(''));
  return { passed: holds ? 1 : 0, failed: holds ? 0 : 1 };
}

/** Runs one of the README's commands. It counts as the tests that it ran, or as one. */
async function execute(
  command: string,
  root: string,
  shown: Shown,
  env: Readonly<Record<string, string>>,
): Promise<Counts> {
  console.log(`\n$ ${command}`);
  const [executable, ...args] = commandIn(root, shown, env, `cd ${CLONE} && ${command}`);
  const child = spawn(executable, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const end = () => child.kill('SIGKILL');
  process.prependOnceListener('exit', end);
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    console.log(line);
  });
  const [code] = (await once(child, 'close')) as [number | null];
  process.off('exit', end);
  if (!command.endsWith('npm test')) return check(command, code === 0 ? [] : [`exit code ${code}`]);
  const { passed, failed } = countSummary('', lines.join('\n'));
  return { passed, failed: code !== 0 && failed === 0 ? 1 : failed };
}

/** What is seen of this machine in the root. */
function nodeAndGo(): Shown {
  const ask = (command: string, ...args: string[]) =>
    execFileSync(command, args, { encoding: 'utf8' }).trim();
  const npm = ask('npm', 'exec', '--call', 'echo "$npm_execpath"');
  return {
    '/usr/local/bin/node': process.execPath,
    '/usr/local/lib/node_modules/npm': resolve(npm, '../..'),
    '/usr/local/go': ask('go', 'env', 'GOROOT'),
  };
}

/** Clones the commit that is checked out, without what is not committed. Says which. */
function clone(folder: string): string {
  const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8' }).trim();
  mkdirSync(dirname(folder), { recursive: true });
  git('clone', '--quiet', '--no-local', '.', folder);
  git('-C', folder, 'checkout', '--quiet', '--detach', git('rev-parse', 'HEAD'));
  const uncommitted = git('status', '--porcelain') === '' ? '' : ', without what is not committed,';
  return `commit ${git('rev-parse', '--short', 'HEAD')}${uncommitted}`;
}

/** Removes the roots of runs that were killed before they could. */
function removeAbandoned(folder: string): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    if (identify(Number(name)) === undefined) rmSync(join(folder, name), { recursive: true });
  }
}
