import { parse } from 'yaml';
import { provide } from '../../commands/test/provide';
import { changedLines, Repository } from './repository';

let repository: Repository;
beforeAll(() => {
  repository = new Repository();
});
beforeEach(() => {
  repository.restore();
});
afterAll(() => {
  repository.remove();
});

// What it takes and says is tested without a synthesis, in image-change.test.ts.
describe('npm run set-image', () => {
  it('changes one line of the catalog and one of each manifest that uses the image', () => {
    const before = repository.outputs();
    expect(repository.run('set-image', 'deployment/user-service', 'redis=redis:6.0')).toEqual({
      code: 0,
      output: `redis: redis:5.0 → redis:6.0
  in Deployment/user-service, dist/user-service-deployment.k8s.yaml
  in Pod/user-service, dist/user-service.k8s.yaml
The catalog is shared: every manifest that uses the image changes, not only deployment/user-service.
changed dist/user-service-deployment.k8s.yaml
changed dist/user-service.k8s.yaml
changed images.json
changed services/compose.yaml
`,
    });
    const after = repository.outputs();
    expect(Object.keys(after)).toEqual(Object.keys(before));
    // Nothing of an environment changes.
    const changes = Object.keys(before).map((file) =>
      changedLines(before[file] ?? '', after[file] ?? ''),
    );
    expect(changes.filter((lines) => lines.length > 0)).toEqual([
      ['"redis": "redis:5.0", → "redis": "redis:6.0",'],
      ['image: redis:5.0 → image: redis:6.0'],
      ['- image: redis:5.0 → - image: redis:6.0'],
      ['- image: redis:5.0 → - image: redis:6.0'],
    ]);

    // Asked again, it has nothing to do.
    expect(repository.run('set-image', 'redis=redis:6.0')).toEqual({
      code: 0,
      output: 'unchanged: redis=redis:6.0\n',
    });
    expect(repository.outputs()).toEqual(after);
  });

  it('gives the manifest that kubectl set image gives', async () => {
    const { kubectl } = await provide(['kubectl']);
    const deployment = 'dist/user-service-deployment.k8s.yaml';
    const images = ['redis=redis:6.0', `user=registry.example/user@sha256:${'0'.repeat(64)}`];
    const byKubectl = repository.exec(kubectl, [
      ...['set', 'image', '--local', '-o', 'yaml', '-f', deployment],
      ...images,
    ]);
    expect(byKubectl.code).toBe(0);
    expect(repository.run('set-image', 'deployment/user-service', ...images).code).toBe(0);
    expect(parse(repository.read(deployment))).toEqual(withoutNulls(parse(byKubectl.output)));
  });

  it('leaves catalog and dist as they were when synthesis fails', () => {
    repository.edit('main.ts', 'replicas: 3', 'replicas: -3');
    const before = repository.outputs();
    const { code, output } = repository.run('set-image', 'redis=redis:6.0');
    expect(output).toContain('spec.replicas: Invalid value: -3');
    expect(code).toBe(1);
    expect(repository.outputs()).toEqual(before);
  });

  it.each([
    [1, ['pod/user-servic', 'redis=redis:6.0'], 'no such object'],
    [2, ['redis'], 'usage: npm run set-image'],
    [2, ['--all', 'redis=redis:6.0'], "Unknown option '--all'"],
  ])('ends with %d for %j, and nothing is changed', (code, args, message) => {
    const before = repository.outputs();
    const result = repository.run('set-image', ...args);
    expect(result.output).toContain(message);
    expect(result.code).toBe(code);
    expect(repository.outputs()).toEqual(before);
  });
});

/** `kubectl --local` writes empty defaults (creationTimestamp, resources, strategy, status) that no manifest has. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, inner]): [string, unknown] => [key, withoutNulls(inner)])
      .filter(
        ([, inner]) =>
          inner !== null && (typeof inner !== 'object' || Object.keys(inner).length > 0),
      ),
  );
}
