/**
 * `node --import tsx commands/comment.ts --file FILE [--edit-only]`: keeps one comment on the pull request whose head a
 * workflow ran for, and edits it in place. Run by .github/workflows/plan-comment.yaml, which sets the variables.
 */
import { readFileSync } from 'node:fs';
import { CommandError, parseArguments, runCommand, UsageError } from './command';

const USAGE = `node --import tsx commands/comment.ts --file FILE [--edit-only]
  --file FILE   the comment; its first line, an HTML comment, is the marker by which it is found again
  --edit-only   edit the comment that there is, and post none where there is none
  environment   GITHUB_API_URL, GITHUB_REPOSITORY, GITHUB_TOKEN, HEAD_OWNER, HEAD_BRANCH, HEAD_SHA`;

/** Whoever comments with a workflow's token. A comment of anybody else's is not ours, whatever it begins with. */
const AUTHOR = 'github-actions[bot]';
/** Comments of a pull request are asked for by the hundred, so many times. */
const PAGES = 50;

interface PullRequest {
  readonly number: number;
  readonly head: { readonly sha: string };
}

interface Comment {
  readonly id: number;
  readonly body: string;
  readonly user: { readonly login: string } | null;
}

runCommand(async (argv) => {
  const { values } = parseArguments(argv, {
    usage: USAGE,
    options: { file: { type: 'string' }, 'edit-only': { type: 'boolean' } },
  });
  if (values.file === undefined) throw new UsageError(`--file is missing\nusage: ${USAGE}`);
  const body = readFileSync(values.file, 'utf8');
  const [marker = ''] = body.split('\n');
  if (!/^<!-- .+ -->$/.test(marker)) {
    throw new CommandError(`${values.file} does not begin with a marker: write it with --marker.`);
  }
  const repository = `/repos/${variable('GITHUB_REPOSITORY')}`;
  const number = await pullRequest(repository);
  if (number === undefined) {
    console.log('no open pull request has this commit at its head any more: nothing to comment on');
    return;
  }
  const comment = await commentOf(`${repository}/issues/${number}/comments`, marker);
  if (comment === undefined) {
    if (values['edit-only'] === true) {
      console.log(`pull request ${number} has no comment to edit`);
      return;
    }
    await ask('POST', `${repository}/issues/${number}/comments`, { body });
    console.log(`commented on pull request ${number}`);
  } else {
    await ask('PATCH', `${repository}/issues/comments/${comment.id}`, { body });
    console.log(`edited the comment on pull request ${number}`);
  }
});

/** The number of the open pull request that has the commit at its head. */
async function pullRequest(repository: string): Promise<number | undefined> {
  const head = `${variable('HEAD_OWNER')}:${variable('HEAD_BRANCH')}`;
  const sha = variable('HEAD_SHA');
  const query = new URLSearchParams({ state: 'open', head, per_page: '100' });
  const open = (await ask('GET', `${repository}/pulls?${query.toString()}`)) as PullRequest[];
  return open.find((one) => one.head.sha === sha)?.number;
}

/** The comment that begins with the marker. */
async function commentOf(path: string, marker: string): Promise<Comment | undefined> {
  for (let page = 1; page <= PAGES; page++) {
    const comments = (await ask('GET', `${path}?per_page=100&page=${page}`)) as Comment[];
    const ours = comments.find(
      ({ body, user }) => user?.login === AUTHOR && body.split(/\r?\n/)[0] === marker,
    );
    if (ours !== undefined || comments.length < 100) return ours;
  }
  return undefined;
}

/** Asks GitHub's REST API. */
async function ask(method: string, path: string, content?: object): Promise<unknown> {
  const response = await fetch(`${variable('GITHUB_API_URL')}${path}`, {
    method,
    headers: {
      accept: 'application/vnd.github+json',
      authorization: `Bearer ${variable('GITHUB_TOKEN')}`,
      'content-type': 'application/json',
      'x-github-api-version': '2022-11-28',
    },
    ...(content !== undefined && { body: JSON.stringify(content) }),
  });
  const text = await response.text();
  if (!response.ok) {
    throw new CommandError(`${method} ${path} answered ${response.status}: ${text.slice(0, 500)}`);
  }
  return JSON.parse(text);
}

function variable(name: string): string {
  const value = process.env[name] ?? '';
  if (value === '') throw new UsageError(`${name} is not set\nusage: ${USAGE}`);
  return value;
}
