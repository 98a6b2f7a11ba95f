/** The commands of docs/restore.md, as a person types them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from 'local-cluster';
import { ROOT } from '../../harness/root';
import type { TestContext } from '../../harness/test-context';

const DOCUMENT = 'docs/restore.md';
const TIMEOUT = 600_000;

/** The commands with a prompt below a heading. @throws {Error} where there is none. */
export function documented(heading: string): string[] {
  const text = readFileSync(join(ROOT, DOCUMENT), 'utf8');
  const section = text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
  const commands = [...section.matchAll(/^\$ (.*)$/gm)].map(([, command = '']) => command);
  if (commands.length === 0) throw new Error(`${DOCUMENT} has no command below "${heading}"`);
  return commands;
}

/** Has MySQL start on a new, empty volume. */
export async function loseVolume(context: TestContext): Promise<void> {
  for (const command of documented('A lost volume')) await shell(context, command);
}

/** Restores the latest backup, and has it used. @param name of the Job. @returns the last command's output. */
export async function restore(context: TestContext, name: string): Promise<string> {
  let database: string | undefined;
  let output = '';
  for (const command of documented('Restore')) {
    const typed = command
      .replaceAll('restore-1', name)
      .replace(/\buser_restored_\d+/, (example) => database ?? example);
    output = await shell(context, typed);
    database ??= /^restored to the database (\w+):$/m.exec(output)?.[1];
  }
  return output.trim();
}

async function shell({ cluster }: TestContext, command: string): Promise<string> {
  const { env } = cluster;
  const { stdout } = await run(['bash', '-c', command], { cwd: ROOT, env, timeout: TIMEOUT });
  return stdout;
}
