import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../package-root';
import { OnceReader } from '../reading/once-reader';
import { Reader } from '../reading/reader';
import { openPool } from '../workers/open-pool';
import {
  type CheckCommand,
  type Command,
  type DiffCommand,
  parseCommand,
  USAGE,
} from './arguments';
import { Answers } from './answers';
import { check } from './check';
import { diff } from './diff';
import { Output } from './output';
import { printable } from '../words/printable';
import { planCommand } from './plan';
import { Report } from './report';
import { UsageError } from './usage-error';

/** The exit code of input that cannot be read, of output that cannot be written, of wrong usage. */
const FAILED = 2;

async function run(args: readonly string[], output: Output): Promise<number> {
  if (args[0] === 'plan') return planCommand(args.slice(1));
  let command: Command;
  try {
    command = parseCommand(args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    output.remark(`${printable(`kube-verdict: ${error.message}`)}\n\n${USAGE.trimEnd()}`);
    return FAILED;
  }
  switch (command.name) {
    case 'help':
      output.line(USAGE.trimEnd());
      return 0;
    case 'version':
      output.line(await versions());
      return 0;
    default:
      return judge(command, output);
  }
}

async function judge(command: CheckCommand | DiffCommand, output: Output): Promise<number> {
  const answers = new Answers(command.cache);
  const ask = (request: string) => answers.ask(request);
  // What is the same in OLD and NEW is most of both.
  const reader = command.name === 'diff' ? new OnceReader(ask) : new Reader(ask);
  const asked = { about: await answers.about(), reader, ask };
  const inputs = {
    exclude: command.exclude,
    kustomize: command.kustomize,
    valueOf: (text: string) => reader.value(text),
  };
  const report = new Report(command.format, command.strict, output);
  if (command.name === 'check') await check(command, asked, inputs, report);
  else await diff(command, asked, inputs, report);
  report.summarise();
  const failure = await answers.close();
  if (failure !== undefined) output.remark(printable(`warning: --cache: ${failure}`));
  return report.exitCode(command.name === 'check');
}

async function versions(): Promise<string> {
  const file = await readFile(join(PACKAGE_ROOT, 'package.json'), 'utf8');
  const { version } = JSON.parse(file) as { version: string };
  const pool = await openPool();
  const { kubernetes } = await pool.ready;
  pool.close();
  return `kube-verdict ${version} (Kubernetes ${kubernetes})`;
}

async function main(): Promise<void> {
  const output = new Output(process.stdout, process.stderr);
  let code: number;
  try {
    code = await run(process.argv.slice(2), output);
  } catch (error) {
    output.remark(
      printable(`kube-verdict: ${error instanceof Error ? error.message : String(error)}`),
    );
    code = FAILED;
  }
  const failure = await output.finished();
  if (failure !== undefined) {
    output.remark(printable(`kube-verdict: ${failure}`));
    code = FAILED;
  }
  process.exitCode = code;
}

void main();
