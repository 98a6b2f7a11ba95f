import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesBelow } from './outputs';

/**
 * The text of each file of `dist` as it was last committed, by its path below `dist`: what the clusters have been
 * given. Where there is no Git, and while nothing is committed, it is `dist` as it lies there.
 */
export function committedDist(root: string): ReadonlyMap<string, string> {
  const names = git(root, ['ls-tree', '-r', '--name-only', '-z', 'HEAD', 'dist/']);
  const paths = names?.toString().split('\0').filter(Boolean) ?? [];
  if (paths.length === 0) {
    const dist = join(root, 'dist');
    return new Map(filesBelow(dist).map((file) => [file, readFileSync(join(dist, file), 'utf8')]));
  }
  const input = paths.map((path) => `HEAD:./${path}\n`).join('');
  const answer = git(root, ['cat-file', '--batch'], input) ?? Buffer.alloc(0);
  const files = new Map<string, string>();
  let at = 0;
  for (const path of paths) {
    // `HASH blob SIZE`, then so many bytes and a line feed: git help cat-file.
    const end = answer.indexOf('\n', at);
    const size = Number(answer.toString('utf8', at, end).split(' ')[2]);
    files.set(path.slice('dist/'.length), answer.toString('utf8', end + 1, end + 1 + size));
    at = end + 1 + size + 1;
  }
  return files;
}

function git(root: string, args: readonly string[], input = ''): Buffer | undefined {
  const { status, stdout } = spawnSync('git', args, {
    cwd: root,
    input,
    maxBuffer: 256 * 1024 * 1024,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  return status === 0 ? stdout : undefined;
}
