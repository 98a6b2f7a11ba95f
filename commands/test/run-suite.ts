import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Counts } from './counts';
import type { Suite } from './suites';

export interface Outcome extends Counts {
  readonly suite: string;
  readonly seconds: number;
  /** What failed, its tests and besides them. */
  readonly failures: readonly string[];
}

/** Where tests name the servers that they ran against, a line each. */
const SERVERS = resolve('reports', 'servers');

/** Milliseconds of silence after which a suite is said to go on. */
const SILENCE = 60_000;

/** What go prints of each module that it gets: hundreds of lines where there are none yet. */
const GO_DOWNLOADS = 'go: downloading ';

/**
 * What programs of others keep in the temporary folder from one run to the next, and clean by themselves: what tsx
 * compiled.
 */
export const CACHES = /^tsx-\d+$/;

/**
 * Runs a suite to its end. It has a temporary folder of its own, in which it must leave nothing.
 *
 * @param env its environment, besides this process's
 */
export async function runSuite(suite: Suite, env: NodeJS.ProcessEnv): Promise<Outcome> {
  const { name, count, explain = () => [] } = suite;
  const report = join('reports', `${name}.json`);
  rmSync(report, { force: true });
  rmSync(SERVERS, { force: true });
  const start = performance.now();
  const temporary = mkdtempSync(join(tmpdir(), `${name}-`));
  const remove = () => {
    rmSync(temporary, { recursive: true, force: true });
  };
  process.once('exit', remove);
  const { code, printed, complained } = await execute(suite, {
    ...env,
    TMPDIR: temporary,
    TEST_SERVERS_REPORT: SERVERS,
  });
  const left = readdirSync(temporary).filter((entry) => !CACHES.test(entry));
  remove();
  process.off('exit', remove);

  if (suite.namesServers === true) console.log(`ran against ${serversOf(SERVERS).join(', ')}`);
  const {
    passed,
    failed,
    failures = [],
  } = count?.(report, printed) ?? { passed: code === 0 ? 1 : 0, failed: 0 };
  // What failed besides its tests.
  const reasons: string[] = [];
  // A command may fail although none of its tests does: for a coverage that sank, or before it ran any.
  if (code !== 0 && failed === 0)
    reasons.push(
      [`exit code ${code ?? 'none'}`, ...explain(`${printed}\n${complained}`)].join('; '),
    );
  if (left.length > 0) reasons.push(`left in the temporary folder: ${left.sort().join(', ')}`);
  return {
    suite: name,
    passed,
    failed: failed + reasons.length,
    seconds: (performance.now() - start) / 1000,
    failures: [...failures, ...reasons],
  };
}

function serversOf(report: string): string[] {
  if (!existsSync(report)) return ['no server: every result was cached'];
  return [...new Set(readFileSync(report, 'utf8').split('\n').filter(Boolean))].sort();
}

function execute(
  { name, command, folder = '.', printer = () => (line: string) => line, tellsProgress }: Suite,
  env: NodeJS.ProcessEnv,
): Promise<{ code: number | null; printed: string; complained: string }> {
  const print = printer();
  const [executable, ...args] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(executable, args, {
      cwd: folder,
      env: { ...process.env, ...env, ...(process.stdout.isTTY && { FORCE_COLOR: '1' }) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const end = () => {
      child.kill();
    };
    process.once('exit', end);
    const start = performance.now();
    const told = setInterval(() => {
      if (tellsProgress) return;
      console.log(`… ${name} goes on (${((performance.now() - start) / 1000).toFixed(0)} s)`);
    }, SILENCE);
    const show = (line: string | undefined) => {
      if (line === undefined || line.startsWith(GO_DOWNLOADS)) return;
      console.log(line);
      told.refresh();
    };
    const lines: string[] = [];
    const complaints: string[] = [];
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line);
      show(print(line));
    });
    createInterface({ input: child.stderr }).on('line', (line) => {
      complaints.push(line);
      show(line);
    });
    child.once('error', reject);
    child.once('close', (code) => {
      clearInterval(told);
      process.off('exit', end);
      resolve({ code, printed: lines.join('\n'), complained: complaints.join('\n') });
    });
  });
}
