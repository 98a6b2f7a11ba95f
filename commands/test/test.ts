/**
 * `npm test`: runs every suite, goes on after one that fails, and ends with a line that sums them.
 * `npm test -- NAME…` runs only the named ones.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArguments, runCommand, UsageError } from '../command';
import type { Counts } from './counts';
import { GATES, type Suite, TESTS } from './suites';

runCommand(async (argv) => {
  const usage = 'npm test [-- SUITE…]';
  const { positionals } = parseArguments(argv, { usage, options: {}, allowPositionals: true });
  const all = [...TESTS, ...GATES];
  const suites = positionals.map((name) => {
    const suite = all.find((suite) => suite.name === name);
    if (suite !== undefined) return suite;
    throw new UsageError(
      `${name}: no such suite; there are ${all.map((s) => s.name).join(', ')}\nusage: ${usage}`,
    );
  });

  mkdirSync('reports', { recursive: true });
  const outcomes: (Counts & { readonly line: string })[] = [];
  for (const suite of suites.length > 0 ? suites : TESTS) outcomes.push(await run(suite));
  console.log(`\n${outcomes.map(({ line }) => line).join('\n')}`);
  const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
  const failed = sum(outcomes.map((outcome) => outcome.failed));
  console.log(
    `${String(sum(outcomes.map((outcome) => outcome.passed)))} passed, ${String(failed)} failed`,
  );
  if (failed > 0) process.exitCode = 1;
});

/** Where tests name the servers that they ran against, a line each. */
const SERVERS = resolve('reports', 'servers');

function serversOf(report: string): string[] {
  if (!existsSync(report)) return ['no server: every result was cached'];
  return [...new Set(readFileSync(report, 'utf8').split('\n').filter(Boolean))].sort();
}

async function run(suite: Suite): Promise<Counts & { readonly line: string }> {
  const { name, command, count } = suite;
  const report = join('reports', `${name}.json`);
  rmSync(report, { force: true });
  rmSync(SERVERS, { force: true });
  console.log(`\n── ${name}: ${command.join(' ')}`);
  const start = performance.now();
  const { code, printed } = await execute(suite);
  if (suite.namesServers === true) console.log(`ran against ${serversOf(SERVERS).join(', ')}`);
  const counted = count?.(report, printed) ?? { passed: code === 0 ? 1 : 0, failed: 0 };
  // A command may fail although none of its tests does: for a coverage that sank, or before it ran any.
  const counts = { ...counted, failed: code !== 0 && counted.failed === 0 ? 1 : counted.failed };
  writeFileSync(
    join('reports', `${name}.counts`),
    `${String(counts.passed)} ${String(counts.failed)}\n`,
  );
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  const line = `${name.padEnd(10)} ${String(counts.passed)} passed, ${String(counts.failed)} failed in ${seconds} s`;
  return { ...counts, line };
}

function execute(suite: Suite): Promise<{ code: number | null; printed: string }> {
  const { command, folder = '.', printer = () => (line: string) => line } = suite;
  const print = printer();
  const [executable, ...args] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(executable, args, {
      cwd: folder,
      env: { ...process.env, TEST_SERVERS_REPORT: SERVERS },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines: string[] = [];
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line);
      const shown = print(line);
      if (shown !== undefined) console.log(shown);
    });
    child.once('error', reject);
    child.once('close', (code) => {
      resolve({ code, printed: lines.join('\n') });
    });
  });
}
