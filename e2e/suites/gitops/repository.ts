/** The Git repository that holds dist/production, as reviewers merge to it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type GitRepository, run } from 'local-cluster';
import { toYaml } from '../../../lib';
import type { Draft } from '../../system/production';

/** Manifests by the path of their file. */
export type Files = ReadonlyMap<string, readonly Draft[]>;

const AUTHOR = ['-c', 'user.name=e2e', '-c', 'user.email=e2e@example.com'];

/** A file of manifests, as it is in dist. */
export function textOf(drafts: readonly Draft[]): string {
  return drafts.map(toYaml).join('---\n');
}

export class Repository {
  private constructor(
    readonly url: string,
    private readonly clone: string,
  ) {
    process.once('exit', () => {
      rmSync(clone, { recursive: true, force: true });
    });
  }

  static async open({ folder, url }: GitRepository): Promise<Repository> {
    const clone = mkdtempSync(join(tmpdir(), 'gitops-'));
    await run(['git', 'clone', '--quiet', folder, clone]);
    return new Repository(url, clone);
  }

  /** Pushes a commit whose `dist` is these files, also where nothing differs. @returns its hash. */
  async commit(files: Files, message: string): Promise<string> {
    const { clone } = this;
    rmSync(join(clone, 'dist'), { recursive: true, force: true });
    for (const [path, drafts] of files) {
      mkdirSync(dirname(join(clone, path)), { recursive: true });
      writeFileSync(join(clone, path), textOf(drafts));
    }
    await this.git('add', '--all');
    await this.git(...AUTHOR, 'commit', '--quiet', '--allow-empty', `--message=${message}`);
    await this.git('push', '--quiet', 'origin', 'HEAD:main');
    return (await this.git('rev-parse', 'HEAD')).trim();
  }

  private async git(...args: readonly string[]): Promise<string> {
    const { stdout } = await run(['git', '-C', this.clone, ...args]);
    return stdout;
  }
}
