import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadVerdict } from '../index';
import { PACKAGE_ROOT } from '../package-root';
import { type Command, parseCommand, USAGE, UsageError } from './arguments';
import { check } from './check';
import { diff } from './diff';
import { planCommand } from './plan';
import { Report } from './report';

const UNREADABLE = 2;

async function run(args: readonly string[]): Promise<number> {
  if (args[0] === 'plan') return planCommand(args.slice(1));
  let command: Command;
  try {
    command = parseCommand(args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`kube-verdict: ${error.message}\n\n${USAGE}`);
    return UNREADABLE;
  }
  if (command.name === 'help') {
    process.stdout.write(USAGE);
    return 0;
  }
  const loading = loadVerdict();
  loading.catch(() => undefined);
  if (command.name === 'version') {
    const file = await readFile(join(PACKAGE_ROOT, 'package.json'), 'utf8');
    const { version } = JSON.parse(file) as { version: string };
    const { kubernetes } = await loading;
    process.stdout.write(`kube-verdict ${version} (Kubernetes ${kubernetes})\n`);
    return 0;
  }
  const report = new Report(
    command.format,
    (line) => process.stdout.write(`${line}\n`),
    (line) => process.stderr.write(`${line}\n`),
  );
  if (command.name === 'check') {
    await check(loading, command.paths, command.podSecurity, report);
  } else {
    await diff(loading, command.paths, command.serverSide, report);
  }
  summarise(report);
  return report.exitCode(command.name === 'check');
}

function summarise(report: Report): void {
  const { accepted, refused, podsRefused, notJudged, unreadable } = report;
  if (report.format === 'text') {
    const parts = [`${accepted} accepted`, `${refused} refused`];
    if (podsRefused > 0) parts.push(`${podsRefused} accepted whose Pods are refused`);
    process.stdout.write(`${parts.join(', ')}\n`);
  }
  if (notJudged > 0) process.stderr.write(`${notJudged} not judged\n`);
  if (unreadable > 0) process.stderr.write(`${unreadable} unreadable\n`);
}

// A reader that has seen enough, such as head, is no mistake.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

run(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(
      `kube-verdict: ${error instanceof Error ? error.message : String(error)}\n`,
    );
    process.exitCode = UNREADABLE;
  },
);
