import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Repository } from './repository';

const TSX = require.resolve('tsx');

let repository: Repository;
let other: string;

function git(...args: string[]): string {
  const identity = ['-c', 'user.name=test', '-c', 'user.email=test@example.com'];
  const { code, output } = repository.exec('git', [...identity, ...args]);
  if (code !== 0) throw new Error(`git ${args.join(' ')}: ${output}`);
  return output.trim();
}

beforeAll(() => {
  repository = new Repository();
  git('init', '--quiet', '--initial-branch=main');
  git('add', 'dist', 'main.ts', 'environments.ts', 'images.json');
  git('commit', '--quiet', '-m', 'The lesson');
  git('tag', 'lesson');
  git('switch', '--quiet', '-c', 'change');
  other = mkdtempSync(join(tmpdir(), 'plan-'));
});
beforeEach(() => {
  repository.restore();
  git('switch', '--quiet', '--force', 'change');
});
afterEach(() => {
  expect(readdirSync(repository.root).filter((name) => name.startsWith('.synth-'))).toEqual([]);
});
afterAll(() => {
  repository.remove();
  rmSync(other, { recursive: true });
});

describe('npm run plan', () => {
  it('compares what the working tree synthesizes with what the main branch has', () => {
    repository.edit('images.json', 'redis:5.0', 'redis:7.2');
    const before = repository.outputs();
    const { code, output } = repository.run('plan');
    expect(output).toContain('↻ Deployment default/user-service rolls out: 3 Pods replaced');
    expect(output).toContain('redis:5.0 → redis:7.2');
    expect(output).toMatch(/^dist: 1 rollout .*, no data lost$/m);
    expect(code).toBe(0);
    expect(repository.outputs()).toEqual(before);
  });

  it('says that dist is not what is planned, and which files of it', () => {
    const notice =
      /^dist is not what main\.ts synthesizes, .*: dist\/user-service-deployment\.k8s\.yaml \(to be changed\)$/m;
    repository.edit('main.ts', 'replicas: 3', 'replicas: 4');
    const { output } = repository.run('plan');
    expect(output).toMatch(notice);
    expect(output).toContain('scales from 3 to 4 Pods');
    repository.run('synth');
    expect(repository.run('plan').output).not.toMatch(notice);
  });

  it('starts from any commit, and plans each folder of dist by itself', () => {
    repository.edit('main.ts', '  LESSON_IMAGES,', '  Folder,\n  LESSON_IMAGES,');
    repository.edit(
      'main.ts',
      "Chart(app, 'user-service')",
      "Chart(new Folder(app, 'lesson'), 'user-service')",
    );
    repository.run('synth');
    const { output } = repository.run('plan', '--base', 'lesson', '-o', 'json');
    const plans = JSON.parse(output.slice(output.indexOf('['))) as { name: string; from: string }[];
    expect(plans.slice(0, 2).map(({ name }) => name)).toEqual(['dist', 'dist/lesson']);
    expect(plans[0]?.from).toBe(`dist at lesson (${git('rev-parse', 'lesson').slice(0, 7)})`);
  });

  it('writes each form to the file that it is given, and ends with 1 for what --fail-on names', () => {
    repository.edit('images.json', 'redis:5.0', 'redis:7.2');
    const { code, output } = repository.run(
      ...(['plan', '--fail-on', 'restart', '-o', 'text'] as const),
      ...['-o', 'json=plan.json', '-o', `markdown=${join(other, 'plan.md')}`],
    );
    expect(code).toBe(1);
    expect(output).toContain('1 rollout');
    const [first] = JSON.parse(repository.read('plan.json')) as unknown[];
    expect(first).toMatchObject({ name: 'dist', counts: { rollout: 1 } });
    expect(readFileSync(join(other, 'plan.md'), 'utf8')).toMatch(
      /^### Plan of \d+ environments, 1 of which changes\n/,
    );
  });

  it('plans what synth stops at, and says so', () => {
    repository.edit('environments.ts', 'Size.gibibytes(20)', 'Size.gibibytes(30)');
    const { code, output } = repository.run('plan');
    expect(output).toMatch(
      /^npm run synth stops at production\/statefulset\/mysql, and says the way: spec: Forbidden/m,
    );
    expect(output).toContain('✗ StatefulSet user-production/mysql is refused');
    expect(code).toBe(1);
  });

  it('reports nothing of an app that does not synthesize', () => {
    repository.edit('main.ts', 'replicas: 3', 'replicas: -3');
    const { code, output } = repository.run('plan', '-o', 'json=none.json');
    expect(output).toContain('spec.replicas: Invalid value: -3');
    expect(existsSync(join(repository.root, 'none.json'))).toBe(false);
    expect(code).toBe(2);
  });

  it.each([
    [
      'a commit that is not there',
      ['--base', 'nowhere'],
      /^--base: there is no commit "nowhere" here\. git fetch may/,
    ],
    [
      'what would be an option of git',
      ['--base=--all'],
      /^--base: there is no commit "--all" here\./,
    ],
    [
      'a format that there is not',
      ['-o', 'pdf'],
      /^kube-verdict: -o takes text, json, markdown, html; received pdf/,
    ],
    [
      'an option that there is not',
      ['--bases', 'main'],
      /^Unknown option '--bases'[^]*\nusage: npm run plan/,
    ],
  ])('refuses %s', (_, args, message) => {
    const { code, output } = repository.run('plan', ...args);
    expect(output).toMatch(message);
    expect(code).toBe(2);
  });

  it('says of a commit without dist that there is nothing to start from', () => {
    git('switch', '--quiet', '--orphan', 'empty');
    git('commit', '--quiet', '--allow-empty', '-m', 'Nothing');
    git('switch', '--quiet', 'change');
    const { code, output } = repository.run('plan', '--base', 'empty');
    expect(output).toMatch(/^empty \([0-9a-f]{7}\) has no dist, .*--base REF\.$/m);
    expect(code).toBe(2);
  });

  it('says that there is no merge base, or no main branch, and what a shallow clone has to fetch', () => {
    git('switch', '--quiet', 'empty');
    const unrelated = base(repository.root);
    git('switch', '--quiet', 'change');
    expect(unrelated).toMatch(
      /^HEAD and main have no commit in common here: name one with --base REF\. git fetch/,
    );
    const shallow = join(other, 'shallow');
    git('commit', '--quiet', '--allow-empty', '-m', 'Later');
    git('init', '--quiet', shallow);
    const fetch = (...refs: string[]) =>
      git('-C', shallow, 'fetch', '--quiet', '--depth=1', `file://${repository.root}`, ...refs);
    fetch('change');
    git('-C', shallow, 'checkout', '--quiet', 'FETCH_HEAD');
    expect(base(shallow)).toMatch(
      /^there is no main branch here .*This clone is shallow: git fetch --unshallow/,
    );
    fetch('main:main');
    expect(base(shallow)).toMatch(
      /^HEAD and main have no commit in common here: .*This clone is shallow: git fetch --unshallow/,
    );
    expect(base(other)).toMatch(/^a plan starts from a commit, and .* is no Git repository\.$/);
  });
});

/** What the command says in another folder. */
function base(folder: string): string {
  const { stderr, status } = spawnSync(
    process.execPath,
    ['--import', TSX, join(__dirname, '..', '..', 'commands', 'plan.ts')],
    { cwd: folder, encoding: 'utf8' },
  );
  expect(status).toBe(2);
  return stderr.trim();
}
