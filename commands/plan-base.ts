import { spawnSync } from 'node:child_process';
import { CommandError } from './command';

/** The commit that a plan starts from. */
export interface Base {
  /** In full. */
  readonly commit: string;
  /** As it is shown: `main (1a2b3c4)`. */
  readonly name: string;
}

/** Where a main branch may be, in the order in which one gives its name to a plan. */
const MAIN_BRANCHES = [
  'refs/remotes/origin/HEAD',
  'refs/remotes/origin/main',
  'refs/heads/main',
  'refs/remotes/origin/master',
  'refs/heads/master',
];

/**
 * The commit of `ref`, which has to hold dist; without one the newest commit that HEAD shares with the main branch, here
 * or at origin.
 *
 * @throws {CommandError} if there is no such commit, or no dist in it: why, and what to do
 */
export function baseCommit(root: string, ref: string | undefined): Base {
  const git = gitIn(root);
  if (git(['rev-parse', '--is-inside-work-tree']) !== 'true') {
    throw new CommandError(`a plan starts from a commit, and ${root} is no Git repository.`);
  }
  const base = ref === undefined ? mergeBase(git) : commitOf(git, ref);
  if (git(['cat-file', '-t', `${base.commit}:./dist`]) !== 'tree') {
    throw new CommandError(
      `${base.name} has no dist, the manifests that a plan starts from: name a commit that has with --base REF.`,
    );
  }
  return base;
}

/** Runs git. @returns what it printed; undefined where it failed */
type Git = (args: readonly string[]) => string | undefined;

function gitIn(root: string): Git {
  return (args) => {
    const { error, status, stdout } = spawnSync('git', args, { cwd: root, encoding: 'utf8' });
    if (error) throw new CommandError(`a plan needs git, which cannot be run: ${error.message}`);
    return status === 0 ? stdout.trim() : undefined;
  };
}

function commitOf(git: Git, ref: string): Base {
  const commit = git(['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`]);
  if (commit === undefined) {
    throw new CommandError(
      `--base: there is no commit ${JSON.stringify(ref)} here. ${fetching(git)}`,
    );
  }
  return { commit, name: commit.startsWith(ref) ? short(commit) : `${ref} (${short(commit)})` };
}

function mergeBase(git: Git): Base {
  const branches = MAIN_BRANCHES.filter(
    (branch) => git(['rev-parse', '--verify', '--quiet', `${branch}^{commit}`]) !== undefined,
  );
  const [first] = branches;
  if (first === undefined) {
    throw new CommandError(
      `there is no main branch here to compare with (looked for main and master, here and at origin): name a commit with --base REF. ${fetching(git)}`,
    );
  }
  if (git(['rev-parse', '--verify', '--quiet', 'HEAD^{commit}']) === undefined) {
    throw new CommandError('HEAD has no commit yet: name one with --base REF.');
  }
  const name = first.replace(/^refs\/(?:heads|remotes)\//, '');
  const commit = git(['merge-base', 'HEAD', ...branches]);
  if (commit === undefined) {
    throw new CommandError(
      `HEAD and ${name} have no commit in common here: name one with --base REF. ${fetching(git)}`,
    );
  }
  return { commit, name: `${short(commit)}, where HEAD leaves ${name}` };
}

function short(commit: string): string {
  return commit.slice(0, 7);
}

/** What may bring a commit that is not here. */
function fetching(git: Git): string {
  return git(['rev-parse', '--is-shallow-repository']) === 'true'
    ? 'This clone is shallow: git fetch --unshallow brings the rest (actions/checkout: fetch-depth: 0).'
    : 'git fetch may bring it; git branch --all lists what is here.';
}
