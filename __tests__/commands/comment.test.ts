import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';

const ROOT = join(__dirname, '..', '..');
const MARKER = '<!-- kube-verdict plan: dist -->';
const BOT = 'github-actions[bot]';

interface Comment {
  readonly id: number;
  body: string;
  readonly user: { readonly login: string };
}

let folder: string;
let server: Server;
/** What the server holds of pull request 7. */
let comments: Comment[];
/** What changed it. */
let changes: string[];

/** Stands in for GitHub's REST API, which is not at hand: the requests that the command makes, answered as documented. */
function answer(method: string, url: URL, text: string): unknown {
  const path = `${method} ${url.pathname}`;
  if (path === 'GET /repos/us/shop/pulls') {
    const head = url.searchParams.get('head');
    return head === 'them:edit' ? [{ number: 7, head: { sha: 'c0ffee' } }] : [];
  }
  if (path === 'GET /repos/us/shop/issues/7/comments') {
    const page = Number(url.searchParams.get('page'));
    return comments.slice((page - 1) * 100, page * 100);
  }
  const { body = '' } = JSON.parse(text || '{}') as { body?: string };
  const [, id] = /^PATCH \/repos\/us\/shop\/issues\/comments\/(\d+)$/.exec(path) ?? [];
  const edited = comments.find((one) => one.id === Number(id));
  if (edited !== undefined) edited.body = body;
  else if (path === 'POST /repos/us/shop/issues/7/comments') {
    comments.push({ id: 1_000, body, user: { login: BOT } });
  } else return undefined;
  changes.push(path);
  return {};
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'comment-'));
  server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    request.on('end', () => {
      const isAllowed = request.headers.authorization === 'Bearer secret';
      const url = new URL(request.url ?? '', 'http://localhost');
      const content = isAllowed ? answer(request.method ?? '', url, text) : undefined;
      response.writeHead(content === undefined ? 403 : 200, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify(content ?? { message: 'Resource not accessible by integration' }),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
beforeEach(() => {
  comments = [
    { id: 1, body: `${MARKER}\nnot ours`, user: { login: 'somebody' } },
    { id: 2, body: `It says\n${MARKER}`, user: { login: BOT } },
  ];
  changes = [];
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

function comment(
  text: string,
  environment: NodeJS.ProcessEnv = {},
  ...options: string[]
): Promise<{ code: number | null; output: string }> {
  const file = join(folder, 'plan.md');
  writeFileSync(file, text);
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', 'commands/comment.ts', '--file', file, ...options],
    {
      cwd: ROOT,
      env: {
        ...process.env,
        GITHUB_API_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        GITHUB_REPOSITORY: 'us/shop',
        GITHUB_TOKEN: 'secret',
        HEAD_OWNER: 'them',
        HEAD_BRANCH: 'edit',
        HEAD_SHA: 'c0ffee',
        ...environment,
      },
    },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({ code, output: output.trim() });
    });
  });
}

describe('the comment of a plan', () => {
  it('is posted once, and edited in place from then on', async () => {
    expect(await comment(`${MARKER}\none\n`)).toEqual({
      code: 0,
      output: 'commented on pull request 7',
    });
    expect(await comment(`${MARKER}\ntwo\n`)).toEqual({
      code: 0,
      output: 'edited the comment on pull request 7',
    });
    expect(comments.map(({ body }) => body)).toEqual([
      `${MARKER}\nnot ours`,
      `It says\n${MARKER}`,
      `${MARKER}\ntwo\n`,
    ]);
  });

  it('is found among many', async () => {
    comments = Array.from({ length: 230 }, (_, id) => ({ id, body: '', user: { login: BOT } }));
    comments.push({ id: 999, body: `${MARKER}\r\nold`, user: { login: BOT } });
    await comment(`${MARKER}\nnew\n`);
    expect(changes).toEqual(['PATCH /repos/us/shop/issues/comments/999']);
  });

  it('is not begun where there is nothing to say', async () => {
    await comment(`${MARKER}\nnothing changes\n`, {}, '--edit-only');
    expect(changes).toEqual([]);
  });

  it('is on no pull request but the one whose head the plan is of', async () => {
    const { code, output } = await comment(`${MARKER}\none\n`, { HEAD_SHA: 'decade' });
    expect(output).toBe(
      'no open pull request has this commit at its head any more: nothing to comment on',
    );
    expect({ code, changes }).toEqual({ code: 0, changes: [] });
  });

  it.each([
    ['no marker', 'text\n', {}, /plan\.md does not begin with a marker/, 1],
    [
      'a token without the right',
      `${MARKER}\n`,
      { GITHUB_TOKEN: 'other' },
      /^GET .* answered 403: /,
      1,
    ],
    ['no head', `${MARKER}\n`, { HEAD_SHA: '' }, /^HEAD_SHA is not set\n/, 2],
  ])('fails with %s', async (_, text, environment, message, exit) => {
    const { code, output } = await comment(text, environment);
    expect(output).toMatch(message);
    expect({ code, changes }).toEqual({ code: exit, changes: [] });
  });
});

describe('the workflows', () => {
  interface Workflow {
    readonly on: unknown;
    readonly permissions: object;
    readonly jobs: Record<string, Job>;
  }
  interface Job {
    readonly permissions?: object;
    readonly steps: readonly { run?: string; uses?: string; with?: Record<string, unknown> }[];
  }
  const workflow = (name: string) =>
    parse(readFileSync(join(ROOT, '.github', 'workflows', `${name}.yaml`), 'utf8')) as Workflow;

  it('plan with the code of a pull request, and no right but to read', () => {
    const { on, permissions, jobs } = workflow('plan');
    expect(on).toBe('pull_request');
    expect(permissions).toEqual({ contents: 'read' });
    expect(Object.values(jobs).map((job) => job.permissions)).toEqual([undefined]);
  });

  it('comment with the right to, and no code but that of the default branch', () => {
    const { permissions, jobs } = workflow('plan-comment');
    expect(permissions).toEqual({});
    const steps = Object.values(jobs).flatMap((job) => job.steps);
    const checkouts = steps.filter(({ uses = '' }) => uses.startsWith('actions/checkout@'));
    expect(checkouts.map((step) => step.with?.ref)).toEqual([
      '${{ github.event.repository.default_branch }}',
    ]);
    // What others choose, such as the name of a branch, is no part of a script.
    for (const { run = '' } of steps) expect(run).not.toContain('${{ github.');
  });
});
