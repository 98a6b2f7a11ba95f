/**
 * `npm run plan [-- [--base REF] [OPTIONS]]`: what it does to a cluster that has `dist` of a commit to apply what the
 * working tree synthesizes. Exit 0 planned, 1 something that --fail-on names, 2 it cannot be planned.
 */
import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { CommandError, parseArguments, runCommand } from './command';
import { baseCommit } from './plan-base';
import { type StagedSynthesis, stageSynthesis } from './synthesis';

const USAGE = `npm run plan [-- [--base REF] [-o FORMAT[=FILE]]… [--applier APPLIER] [--fail-on OUTCOMES] [--nodes N] [-v]]
  --base REF   the commit whose dist is there before; the merge base with the main branch if not given
  the rest     as kube-verdict plan takes it`;

runCommand(async (argv) => {
  const { values } = parseArguments(argv, {
    usage: USAGE,
    options: {
      base: { type: 'string' },
      output: { type: 'string', short: 'o', multiple: true },
      applier: { type: 'string' },
      'fail-on': { type: 'string' },
      nodes: { type: 'string' },
      marker: { type: 'string' },
      verbose: { type: 'boolean', short: 'v' },
    },
  });
  const { base, output = [], verbose = false, ...passed } = values;
  const options = [
    ...output.flatMap((one) => ['-o', inWorkingFolder(one)]),
    ...Object.entries(passed).flatMap(([name, value]) => [`--${name}`, value]),
    ...(verbose ? ['-v'] : []),
  ];
  try {
    const root = process.cwd();
    const before = baseCommit(root, base);
    const staged = ({ dist, changes, irreversible }: StagedSynthesis) => {
      for (const { object, reasons } of irreversible)
        console.error(`npm run synth stops at ${object}, and says the way: ${reasons.join('; ')}`);
      const stale = changes.filter(({ file }) => file.startsWith('dist/'));
      if (stale.length > 0) {
        const files = stale.map(({ kind, file }) => `${file} (to be ${kind})`).join(', ');
        console.error(
          `dist is not what main.ts synthesizes, which is what this plan is of; npm run synth writes it: ${files}\n`,
        );
      }
      return plan(join(dist, '..'), [
        ...['--environments', '--from', `dist at ${before.name}`, '--to', 'the working tree'],
        ...[...options, `git:${before.commit}:dist`, 'dist'],
      ]);
    };
    process.exitCode = await stageSynthesis(root, staged, { acceptIrreversible: 'all' });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    console.error(error.message);
    process.exitCode = 2;
  }
});

/** `-o FORMAT=FILE` with the file as it is from anywhere. */
function inWorkingFolder(output: string): string {
  const equals = output.indexOf('=');
  if (equals < 0 || equals === output.length - 1) return output;
  return `${output.slice(0, equals)}=${resolve(output.slice(equals + 1))}`;
}

/** Runs kube-verdict plan in a folder. @returns its exit code */
function plan(cwd: string, args: readonly string[]): Promise<number> {
  const command = join(
    require.resolve('kube-verdict/package.json'),
    '..',
    'bin',
    'kube-verdict.js',
  );
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [command, 'plan', ...args], { cwd, stdio: 'inherit' });
    const end = () => child.kill();
    process.once('exit', end);
    child.once('error', fail);
    child.once('close', (code) => {
      process.removeListener('exit', end);
      done(code ?? 2);
    });
  });
}
