/** Git repositories of this machine that Pods can clone. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { GitRepository } from '../../cluster';
import { ClusterError } from '../../cluster-error';
import { GIT_SERVER, programsFolder } from '../../go-programs';
import { run } from '../../run';
import { FIRST_NODE, PORTS, STATE } from '../layout';
import { probe } from '../probe';
import type { Component } from '../supervision';
import type { Addon } from './addon';

const ROOT = join(STATE, 'git');
const ADDRESS = `${FIRST_NODE.address}:${PORTS.git}`;

export const git: Addon = {
  programs: [GIT_SERVER],
  components: () => [gitServer()],
};

function gitServer(): Component {
  return {
    name: 'git-server',
    node: FIRST_NODE,
    does: `serves ${ROOT} at http://${ADDRESS}`,
    command: [join(programsFolder(GIT_SERVER), 'git-server'), '-root', ROOT, '-address', ADDRESS],
    ready: () => probe(`http://${ADDRESS}/healthz`),
  };
}

/** Makes a bare repository, unless it is there, whose branch is `main`. */
export async function makeRepository(name: string): Promise<GitRepository> {
  const repository = repositoryNamed(name);
  const { folder } = repository;
  if (!existsSync(folder))
    await run(['git', 'init', '--quiet', '--bare', '--initial-branch=main', folder]);
  return repository;
}

/** Where a repository is, or will be. @throws {ClusterError} for a name that would be anywhere else. */
export function repositoryNamed(name: string): GitRepository {
  if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name)) {
    throw new ClusterError(
      `the name of a Git repository must be lower case letters, digits and - between them, got "${name}"`,
    );
  }
  return { folder: join(ROOT, `${name}.git`), url: `http://${ADDRESS}/${name}.git` };
}
