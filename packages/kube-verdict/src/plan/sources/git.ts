import { execFile, type ExecFileOptions } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Reader } from '../../reading/reader';
import type { Member } from '../side';
import { membersAt } from './files';
import { SourceError } from './source';

/**
 * The objects of a file or folder as a commit has it.
 * @param ref anything that git takes for a commit: `main`, `HEAD~1`, `v1.2.0`
 * @param path from the root of the repository that holds the working folder
 * @throws SourceError when there is no git, no such commit or no such path, or it cannot be read
 */
export async function membersOfCommit(
  ref: string,
  path: string,
  reader: Reader,
): Promise<Member[]> {
  const commit = await commitOf(ref);
  const wanted = path.replace(/^\.\//, '').replace(/\/+$/, '') || '.';
  const kind = await kindOf(ref, commit, wanted);
  const folder = await mkdtemp(join(tmpdir(), 'kube-verdict-'));
  const abandon = (): void => {
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', abandon);
  try {
    const files = join(folder, 'files');
    await mkdir(files);
    const tree =
      wanted === '.' ? commit : `${commit}:${kind === 'tree' ? wanted : parentOf(wanted)}`;
    const at = {
      cwd: files,
      env: {
        ...process.env,
        GIT_DIR: (await git(['rev-parse', '--absolute-git-dir'])).trim(),
        GIT_WORK_TREE: files,
        GIT_INDEX_FILE: join(folder, 'index'),
      },
    };
    await git(['read-tree', tree], at);
    // A link of the commit must not lead to files of this machine.
    const out = ['-c', 'core.symlinks=false', 'checkout-index'];
    await git(kind === 'tree' ? [...out, '--all'] : [...out, '--', nameOf(wanted)], at);
    const root = kind === 'tree' ? files : join(files, nameOf(wanted));
    return await membersAt(root, reader, (file) => `${ref}:${wanted}${file.slice(root.length)}`);
  } finally {
    process.removeListener('exit', abandon);
    await rm(folder, { recursive: true, force: true });
  }
}

async function commitOf(ref: string): Promise<string> {
  if (ref.startsWith('-')) throw new SourceError(`git:${ref}: a ref does not begin with a hyphen`);
  try {
    return (await git(['rev-parse', '--verify', '--quiet', `${ref}^{commit}`])).trim();
  } catch (error) {
    if (error instanceof SourceError) throw error;
    const shallow = await isShallow();
    throw new SourceError(
      `git:${ref}: there is no such commit here; ${
        shallow
          ? 'this clone is shallow: fetch more of it (git fetch --unshallow, or fetch-depth: 0 of actions/checkout)'
          : 'git fetch may bring it, git branch --all lists what is here'
      }`,
    );
  }
}

async function kindOf(ref: string, commit: string, path: string): Promise<'tree' | 'blob'> {
  if (path === '.') return 'tree';
  try {
    const kind = (await git(['cat-file', '-t', `${commit}:${path}`])).trim();
    const isLink = (await git(['ls-tree', '--full-tree', commit, '--', path])).startsWith('120000');
    if (isLink) {
      throw new SourceError(`git:${ref}:${path}: is a symbolic link: name what it leads to`);
    }
    if (kind === 'tree' || kind === 'blob') return kind;
    throw new SourceError(`git:${ref}:${path}: is a ${kind}, neither a file nor a folder`);
  } catch (error) {
    if (error instanceof SourceError) throw error;
    throw new SourceError(
      `git:${ref}:${path}: ${ref} has no ${path} (paths are from the root of the repository)`,
    );
  }
}

async function isShallow(): Promise<boolean> {
  return git(['rev-parse', '--is-shallow-repository']).then(
    (text) => text.trim() === 'true',
    () => false,
  );
}

/** @throws SourceError when git cannot be run, or there is no repository */
async function git(args: readonly string[], at: ExecFileOptions = {}): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('git', [...args], { ...at, encoding: 'utf8' });
    return stdout;
  } catch (error) {
    const { code, stderr = '' } = error as { code?: number | string; stderr?: string };
    if (code === 'ENOENT')
      throw new SourceError('git is needed to read git:REF:PATH, and is not installed');
    if (stderr.includes('not a git repository')) {
      throw new SourceError(
        'git:REF:PATH is read from the repository that holds the working folder; there is none',
      );
    }
    throw error;
  }
}

function parentOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
