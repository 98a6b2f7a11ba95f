import { existsSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { provide } from '../../commands/test/provide';
import { Repository } from './repository';

let repository: Repository;
beforeAll(() => {
  repository = new Repository();
});
beforeEach(() => {
  repository.restore();
});
afterEach(() => {
  // Staging folders are gone, however the command ended.
  expect(readdirSync(repository.root).filter((name) => name.startsWith('.synth-'))).toEqual([]);
});
afterAll(() => {
  repository.remove();
});

/** The last line of every synthesis. */
const SUMMARY =
  /^\d+ files, \d+ objects, \d+ accepted by Kubernetes \d+\.\d+\.\d+, \d+ not judged; (.*)$/;

describe('npm run synth', () => {
  it('ends with what there is, and what has changed', () => {
    const first = repository.run('synth');
    expect(first.output.trimEnd().replace(SUMMARY, '$1')).toBe('unchanged');
    repository.edit('main.ts', 'replicas: 3', 'replicas: 4');
    const { code, output } = repository.run('synth');
    const [change, summary = ''] = output.split('\n');
    expect(change).toBe('changed dist/user-service-deployment.k8s.yaml');
    expect(summary.replace(SUMMARY, '$1')).toBe('1 changed');
    expect(code).toBe(0);
    expect(repository.read('dist/user-service-deployment.k8s.yaml')).toContain('replicas: 4');
  });

  it('brings back a lost file, and leaves no stale one', () => {
    const before = repository.outputs();
    repository.exec('rm', ['-r', 'dist']);
    repository.write('dist/old/stale.k8s.yaml', 'kind: Stale\n');
    const { code, output } = repository.run('synth');
    expect(code).toBe(0);
    expect(output).toContain('created dist/user-service.k8s.yaml\n');
    expect(output).toContain('removed dist/old/stale.k8s.yaml\n');
    expect(output).toMatch(/; \d+ created, 1 removed\n/);
    expect(repository.outputs()).toEqual(before);
    expect(readdirSync(join(repository.root, 'dist'))).not.toContain('old');
  });

  it.each([
    [
      'what Kubernetes refuses',
      'replicas: 3',
      'replicas: -3',
      /^1 validation error, nothing written:\n {2}\[user-service-deployment\/deployment\] Deployment default\/user-service: spec\.replicas: Invalid value: -3: must be .* \(created at main\.ts:\d+:3\)$/,
    ],
    [
      'a prop that does not exist',
      'replicas: 3',
      'replica: 3',
      /^main\.ts\(\d+,5\): error TS\d+: .* but 'replica' does not exist in type 'LessonDeploymentProps'\. Did you mean to write 'replicas'\?$/,
    ],
    [
      'a value of another type, which Kubernetes would refuse too',
      'replicas: 3',
      "replicas: '3'",
      /^main\.ts\(\d+,5\): error TS2322: Type 'string' is not assignable to type 'number'\.$/,
    ],
    [
      'an exception',
      'const lesson',
      "if (app.charts.length === 0) throw new Error('by intent');\n  const lesson",
      /Error: by intent\n/,
    ],
    [
      'no chart at all',
      'synthesize((app) => {',
      'synthesize((app) => {\n  if (app.charts.length === 0) return;',
      /^main\.ts wrote no manifest: does it call synthesize\(\) with a chart\?$/,
    ],
    [
      'an exit without a word',
      'const lesson',
      'if (app.charts.length === 0) process.exit(3);\n  const lesson',
      /^main\.ts ended with exit code 3$/,
    ],
    [
      'a signal',
      'const lesson',
      "process.kill(process.pid, 'SIGKILL');\n  const lesson",
      /^main\.ts was ended by SIGKILL$/,
    ],
    [
      'a file that is not there',
      "'images.json')",
      "'image.json')",
      /^ENOENT: no such file or directory, open '.*image\.json'$/,
    ],
  ])('leaves dist as it was after %s', (_, from, to, message) => {
    const before = repository.outputs();
    repository.edit('main.ts', from, to);
    const { code, output } = repository.run('synth');
    const [, reason] = /^([^]*)\ndist is as it was\.\n$/.exec(output) ?? [];
    expect(reason).toMatch(message);
    expect(code).toBe(1);
    expect(repository.outputs()).toEqual(before);
  });

  it('says the line of a broken catalog', () => {
    repository.edit('images.json', '"user": "user",', '"user": "user"');
    expect(repository.run('synth')).toEqual({
      code: 1,
      output:
        '1 validation error, nothing written:\n  [images.json:3] catalog: must be JSON (comma expected); received "\\"mysql\\": \\"mysql-for-user\\","; correct it\ndist is as it was.\n',
    });
  });

  it.each([
    ['a file', 'dist is no folder, and manifests have to be written there: remove it.'],
    [
      'a link to nowhere',
      'dist is a link that leads to no folder, and manifests have to be written there: remove it.',
    ],
  ])('does not touch a dist that is %s', (what, message) => {
    rmSync(join(repository.root, 'dist'), { recursive: true });
    if (what === 'a file') repository.write('dist', 'mine');
    else symlinkSync('nowhere', join(repository.root, 'dist'));
    expect(repository.run('synth')).toEqual({
      code: 1,
      output: `${message}\ndist is as it was.\n`,
    });
  });

  it('takes no argument: exit 2', () => {
    expect(repository.run('synth', '--fast')).toMatchObject({
      code: 2,
      output: expect.stringContaining('usage:') as string,
    });
  });

  it('tells by its exit code that it could not print, which is another than that of a failure', () => {
    repository.edit('main.ts', 'replicas: 3', 'replicas: 4');
    const full = repository.exec('sh', ['-c', 'node --import tsx commands/synth.ts >/dev/full']);
    expect(full).toEqual({
      code: 3,
      output: 'cannot print: ENOSPC: no space left on device, write\n',
    });
    expect(repository.read('dist/user-service-deployment.k8s.yaml')).toContain('replicas: 4');
    repository.edit('main.ts', 'replicas: 4', 'replicas: -4');
    const refused = repository.exec('sh', ['-c', 'node --import tsx commands/synth.ts >/dev/full']);
    expect(refused.code).toBe(1);
  });
});

describe('a folder of dist', () => {
  const CHART = `
  new LessonPod(new Chart(new Folder(app, 'trial'), 'redis'), 'pod', {
    name: 'redis',
    template: {
      labels: { name: 'redis' },
      containers: [{ name: 'redis', image: images['trial/redis'] }],
    },
  });
`;

  it('is written by both commands, is nothing to kubectl apply -f dist, and goes with its charts', async () => {
    const { kubectl } = await provide(['kubectl']);
    const lesson = repository.outputs();
    repository.edit('main.ts', '  Environment,', '  Environment,\n  Folder,');
    repository.edit('main.ts', '...LESSON_IMAGES,', "...LESSON_IMAGES,\n    'trial/redis',");
    repository.edit('main.ts', '  // Not in dist', `${CHART}\n  // Not in dist`);
    repository.edit('images.json', '"redis:5.0"', '"redis:5.0",\n  "trial/redis": "redis:7.4"');
    const { code, output } = repository.run('synth');
    expect(output).toContain('created dist/trial/redis.k8s.yaml\n');
    expect(code).toBe(0);
    const both = repository.outputs();
    expect(both).toMatchObject({ ...lesson, 'images.json': expect.anything() as string });

    const applied = repository.exec(kubectl, [
      ...['set', 'image', '--local', '--output', 'name', '--filename', 'dist', 'redis=redis:6.0'],
    ]);
    expect(applied).toEqual({
      code: 0,
      output: 'deployment.apps/user-service\npod/user-service\n',
    });

    repository.exec('rm', ['-r', 'dist']);
    expect(repository.exec('npx', ['cdk8s', 'synth', '--no-check-upgrade']).code).toBe(0);
    expect(repository.outputs()).toEqual(both);

    // The lesson's image is none of the trial's, nor the other way round.
    expect(repository.run('set-image', 'trial/pod/redis', 'redis=redis:8.0').output).toContain(
      'trial/redis: redis:7.4 → redis:8.0\n  in trial/Pod/redis, dist/trial/redis.k8s.yaml\nchanged dist/trial/redis.k8s.yaml\nchanged images.json\n',
    );
    expect(repository.run('set-image', 'redis=redis:6.0').output).not.toContain('trial');

    repository.edit('main.ts', CHART, '');
    repository.edit('main.ts', '  Folder,\n', '');
    expect(repository.run('synth').output).toContain('removed dist/trial/redis.k8s.yaml\n');
    expect(readdirSync(join(repository.root, 'dist'))).not.toContain('trial');
  });
});

it('npx cdk8s synth gives the same files', () => {
  const before = repository.outputs();
  repository.exec('rm', ['-r', 'dist']);
  const { code, output } = repository.exec('npx', ['cdk8s', 'synth', '--no-check-upgrade']);
  expect(output).toContain('dist/user-service.k8s.yaml');
  expect(code).toBe(0);
  expect(repository.outputs()).toEqual(before);
});

it('npm run synth:watch synthesizes on save, says which files changed, and survives a mistake', async () => {
  const watcher = repository.start('watch.ts');
  let printed = '';
  const record = (chunk: Buffer) => (printed += chunk.toString());
  watcher.stdout?.on('data', record);
  watcher.stderr?.on('data', record);
  const ended = new Promise((resolve) => watcher.once('exit', resolve));
  const prints = async (text: string) => {
    const deadline = Date.now() + 300_000;
    while (!printed.includes(text)) {
      if (Date.now() > deadline)
        throw new Error(`never printed ${JSON.stringify(text)}, but:\n${printed}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    printed = '';
  };
  await prints('; unchanged');
  repository.edit('images.json', 'redis:5.0', 'redis:6.0');
  await prints('changed dist/user-service.k8s.yaml');
  repository.edit('lib/lesson/user-service.ts', '[6379]', '[3306]');
  await prints('dist is as it was.');
  repository.edit('lib/lesson/user-service.ts', '[3306]', '[6380]');
  repository.edit('lib/lesson/user-service.ts', '[3306]', '[3307]');
  await prints('changed dist/user-service-deployment.k8s.yaml');
  watcher.kill();
  await ended;
  expect(existsSync(join(repository.root, 'dist'))).toBe(true);
});
