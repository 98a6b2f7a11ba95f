import { join } from 'node:path';
import { folderOf, type Outcome, run } from '../command';

const BIN = join(__dirname, '..', '..', 'bin', 'kube-verdict.js');

/** Runs `kube-verdict plan` in a folder. */
export function command(
  cwd: string,
  args: readonly string[],
  more: { input?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<Outcome> {
  return run(process.execPath, [BIN, 'plan', ...args], { cwd, ...more });
}

export function json(...objects: object[]): string {
  return objects.map((object) => JSON.stringify(object)).join('\n---\n');
}

/** A folder with old.yaml and new.yaml. */
export function sides(old: readonly object[], now: readonly object[]): string {
  return folderOf({ 'old.yaml': json(...old), 'new.yaml': json(...now) });
}
