import { parse } from 'yaml';
import { kubectl } from './kubectl';
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

describe('npm run set-image', () => {
  test('changes one line of the catalog and one of each manifest that uses the image', () => {
    const before = repository.outputs();
    const { code, output } = repository.run('set-image', 'redis=redis:6.0');
    expect(code).toBe(0);
    expect(output).toContain('redis: redis:5.0 → redis:6.0\n');
    expect(output).toContain('changed dist/user-service.k8s.yaml\n');
    const after = repository.outputs();
    expect(Object.keys(after)).toEqual(Object.keys(before));
    expect(
      Object.keys(before).map((file) => changedLines(before[file] ?? '', after[file] ?? '')),
    ).toEqual([
      ['"redis": "redis:5.0" → "redis": "redis:6.0"'],
      ['image: redis:5.0 → image: redis:6.0'],
      ['- image: redis:5.0 → - image: redis:6.0'],
      ['- image: redis:5.0 → - image: redis:6.0'],
    ]);
  });

  test('gives the manifest that kubectl set image gives', () => {
    const deployment = 'dist/user-service-deployment.k8s.yaml';
    const arguments_ = [
      'set',
      'image',
      '--local',
      '-o',
      'yaml',
      '-f',
      deployment,
      'redis=redis:6.0',
      'user=user:2',
    ];
    const byKubectl = repository.exec(kubectl(), arguments_);
    expect(byKubectl.code).toBe(0);
    expect(
      repository.run('set-image', 'deployment/user-service', 'redis=redis:6.0', 'user=user:2').code,
    ).toBe(0);
    expect(parse(repository.read(deployment))).toEqual(withoutNulls(parse(byKubectl.output)));
  });

  test("keeps the catalog's formatting, and digests", () => {
    repository.write(
      'images.json',
      '{ "user":"user",\n\n\t"mysql": "mysql-for-user", "redis"  :  "redis:5.0" }',
    );
    const image = `registry.example:5000/team/redis:6.0@sha256:${'0123456789abcdef'.repeat(4)}`;
    expect(repository.run('set-image', `redis=${image}`).code).toBe(0);
    expect(repository.read('images.json')).toBe(
      `{ "user":"user",\n\n\t"mysql": "mysql-for-user", "redis"  :  "${image}" }`,
    );
    expect(repository.read('dist/user-service.k8s.yaml')).toContain(`image: ${image}\n`);
  });

  test.each([
    'deployment/user-service',
    'Deployments.apps/user-service',
    'deploy/user-service',
    'pod/user-service',
    'po/user-service',
  ])('takes %s in front, and says that the catalog is shared', (reference) => {
    const { code, output } = repository.run('set-image', reference, 'redis=redis:6.0');
    expect(code).toBe(0);
    expect(output).toContain('in Deployment/user-service, dist/user-service-deployment.k8s.yaml\n');
    expect(output).toContain(`every manifest that uses the image changes, not only ${reference}.`);
  });

  test.each([
    [
      1,
      ['rediss=redis:6.0'],
      'rediss: no such container in images.json; there are user, mysql, redis',
    ],
    [1, ['redis=redis:6.0', 'user=User'], 'user: must be an image reference'],
    [1, ['redis='], 'redis: must be an image reference'],
    [
      1,
      ['deployment/shop', 'redis=redis:6.0'],
      'deployment/shop: no such object; there are Deployment/user-service, Pod/user-service',
    ],
    [1, ['daemonset/user-service', 'redis=redis:6.0'], 'daemonset/user-service: no such object'],
    [2, ['redis'], 'redis: not of the form CONTAINER=IMAGE'],
    [2, ['=redis'], '=redis: not of the form CONTAINER=IMAGE'],
    [2, ['redis=redis:6.0', 'redis=redis:7.0'], 'redis: given twice'],
    [2, ['deployment/user-service'], 'no CONTAINER=IMAGE given'],
    [2, [], 'no CONTAINER=IMAGE given'],
    [2, ['--all', 'redis=redis:6.0'], "Unknown option '--all'"],
  ])('ends with %d for %j, and nothing is changed', (code, args, message) => {
    const before = repository.outputs();
    const result = repository.run('set-image', ...args);
    expect(result.output).toContain(message);
    expect(result.code).toBe(code);
    expect(repository.outputs()).toEqual(before);
  });

  test('refuses a container that the object lacks, and lists those that it has', () => {
    repository.edit(
      'main.ts',
      "'pod', lesson)",
      "'pod', { ...lesson, template: { ...lesson.template, containers: lesson.template.containers.slice(0, 2) } })",
    );
    expect(repository.run('set-image', 'pod/user-service', 'redis=redis:6.0')).toEqual({
      code: 1,
      output: 'pod/user-service has no container redis; it has user, mysql\nNothing was changed.\n',
    });
  });

  test('says "unchanged" for the image that is there already', () => {
    const before = repository.outputs();
    expect(repository.run('set-image', 'redis=redis:5.0')).toEqual({
      code: 0,
      output: 'unchanged: redis=redis:5.0\n',
    });
    expect(repository.outputs()).toEqual(before);
  });

  test('leaves catalog and dist as they were when synthesis fails', () => {
    repository.edit('main.ts', 'replicas: 3', 'replicas: -3');
    const before = repository.outputs();
    const { code, output } = repository.run('set-image', 'redis=redis:6.0');
    expect(output).toContain('replicas: must be an integer');
    expect(code).toBe(1);
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
