import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
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

describe('npm run synth', () => {
  it('says that dist is unchanged, and what has changed', () => {
    expect(repository.run('synth')).toEqual({ code: 0, output: 'dist is unchanged\n' });
    repository.edit('main.ts', 'replicas: 3', 'replicas: 4');
    expect(repository.run('synth')).toEqual({
      code: 0,
      output: 'changed dist/user-service-deployment.k8s.yaml\n',
    });
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
    expect(repository.outputs()).toEqual(before);
  });

  it.each([
    [
      'a value that Kubernetes refuses',
      'replicas: 3',
      'replicas: -3',
      '[user-service-deployment/deployment] Deployment default/user-service: spec.replicas: Invalid value: -3: must be',
    ],
    [
      'a prop that does not exist',
      'replicas: 3',
      'replica: 3',
      "'replica' does not exist in type 'LessonDeploymentProps'",
    ],
    [
      'what Kubernetes refuses',
      'replicas: 3',
      "replicas: 3, strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '200%' } }",
      'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "200%": must not be greater than 100% (created at main.ts:',
    ],
    [
      'an exception',
      'const lesson',
      "throw new Error('by intent');\n  const lesson",
      'Error: by intent',
    ],
    [
      'no chart at all',
      'synthesize((app) => {',
      'synthesize((app) => {\n  if (app.charts.length === 0) return;',
      'main.ts wrote no manifest',
    ],
  ])('leaves dist as it was after %s', (_, from, to, message) => {
    const before = repository.outputs();
    repository.edit('main.ts', from, to);
    const { code, output } = repository.run('synth');
    expect(output).toContain(message);
    expect(output).toContain('dist is as it was.');
    expect(code).toBe(1);
    expect(repository.outputs()).toEqual(before);
  });

  it('refuses a broken catalog by its name', () => {
    repository.edit('images.json', '"user": "user",', '"user": "user"');
    const { code, output } = repository.run('synth');
    expect(output).toContain('[images.json:3] catalog: must be JSON');
    expect(output).not.toContain('    at ');
    expect(code).toBe(1);
  });

  it('takes no argument: exit 2', () => {
    expect(repository.run('synth', '--fast')).toMatchObject({
      code: 2,
      output: expect.stringContaining('usage:') as string,
    });
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
    const deadline = Date.now() + 30_000;
    while (!printed.includes(text)) {
      if (Date.now() > deadline)
        throw new Error(`never printed ${JSON.stringify(text)}, but:\n${printed}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    printed = '';
  };
  await prints('dist is unchanged');
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
