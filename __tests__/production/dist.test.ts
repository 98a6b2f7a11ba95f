import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Chart } from 'cdk8s';
import { type KubeObject, parseObjects } from '../../commands/environment-folders';
import { filesBelow } from '../../commands/outputs';
import { App, LessonDeployment, LessonPod, userService } from '../../lib';

const DIST = join(__dirname, '..', '..', 'dist');

function objectsIn(folder: string): KubeObject[] {
  return filesBelow(join(DIST, folder)).flatMap((file) =>
    parseObjects(readFileSync(join(DIST, folder, file), 'utf8')),
  );
}

const entries = readdirSync(DIST, { withFileTypes: true });
const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);

it('kubectl apply -f dist applies the two objects of the lesson and nothing else', () => {
  // Without --recursive kubectl reads the files of the folder that it is given, and none below.
  expect(entries.filter((entry) => entry.isFile()).map(({ name }) => name)).toEqual([
    'user-service-deployment.k8s.yaml',
    'user-service.k8s.yaml',
  ]);
  for (const name of ['user-service-deployment', 'user-service']) {
    const lesson = readFileSync(join(__dirname, '..', 'lesson', `${name}.yaml`), 'utf8');
    const [object] = parseObjects(readFileSync(join(DIST, `${name}.k8s.yaml`), 'utf8'));
    expect(object).toEqual(parseObjects(lesson)[0]);
  }
});

it('the bytes of these two are the same whatever else is synthesized', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lesson-'));
  try {
    const app = new App({ outdir: folder });
    const images = { user: 'user', mysql: 'mysql-for-user', redis: 'redis:5.0' };
    const lesson = userService({ images });
    new LessonPod(new Chart(app, 'user-service'), 'pod', lesson);
    new LessonDeployment(new Chart(app, 'user-service-deployment'), 'deployment', {
      ...lesson,
      replicas: 3,
    });
    app.synth();
    for (const name of filesBelow(folder))
      expect(readFileSync(join(folder, name))).toEqual(readFileSync(join(DIST, name)));
    expect(filesBelow(folder)).toHaveLength(2);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('every folder is an input of its own: none is below another', () => {
  expect(folders).toEqual([
    'production',
    'production-external-secrets',
    'production-gateway',
    'production-monitoring',
    'staging',
    'staging-external-secrets',
    'staging-gateway',
    'staging-monitoring',
  ]);
  for (const folder of folders)
    expect(filesBelow(join(DIST, folder)).filter((file) => file.includes('/'))).toEqual([]);
});

it('no object is in two folders, or twice in one', () => {
  const identities = folders
    .flatMap(objectsIn)
    .map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`);
  expect(identities.filter((identity, index) => identities.indexOf(identity) < index)).toEqual([]);
});

it.each(['production', 'staging'])(
  '%s begins with its namespace, which all the rest is in',
  (name) => {
    const [first, ...rest] = objectsIn(name);
    expect(first).toMatchObject({ kind: 'Namespace', metadata: { name: `user-${name}` } });
    expect(new Set(rest.map(({ metadata }) => metadata.namespace))).toEqual(
      new Set([`user-${name}`]),
    );
  },
);

it('holds no Secret, and only kinds that every cluster knows in the environments themselves', () => {
  for (const name of ['production', 'staging'])
    for (const { kind, apiVersion } of objectsIn(name)) {
      expect(kind).not.toBe('Secret');
      expect(apiVersion).toMatch(
        /^(v1|apps\/v1|batch\/v1|policy\/v1|autoscaling\/v2|networking\.k8s\.io\/v1)$/,
      );
    }
});

it('says of each variable of the service what it is in production, or why it is left', () => {
  const source = readFileSync(
    join(__dirname, '..', '..', 'services', 'user', 'internal', 'config', 'variables.go'),
    'utf8',
  );
  const variables = [...source.matchAll(/\{name: "([A-Z0-9_]+)"/g)].map(([, name = '']) => name);
  expect(variables.length).toBeGreaterThan(30);
  const told = objectsIn('production').flatMap(({ kind, metadata, data = {} }) =>
    kind === 'ConfigMap' && metadata.name.startsWith('user-') ? Object.keys(data) : [],
  );
  const docs = readFileSync(join(__dirname, '..', '..', 'docs', 'production.md'), 'utf8');
  const rows = docs.split('| left ')[1]?.split('\n\n')[0]?.split('\n') ?? [];
  const left = rows.map((row) => row.split('|')[1]).join();
  // A value, or the file that it is in.
  const isTold = (name: string) => told.includes(name) || told.includes(`${name}_FILE`);
  expect(variables.filter((name) => !isTold(name) && !left.includes(`\`${name}\``))).toEqual([]);
  expect(variables.filter((name) => isTold(name) && left.includes(`\`${name}\``))).toEqual([]);
});

it.each(['production', 'staging'])(
  '%s has connections to MySQL for every Pod that there can be at once',
  (name) => {
    const objects = objectsIn(name);
    const spec = (kind: string) =>
      (objects.find((object) => object.kind === kind && object.metadata.name === 'user')?.spec ??
        {}) as { replicas?: number; maxReplicas?: number };
    const most = spec('HorizontalPodAutoscaler').maxReplicas ?? spec('Deployment').replicas ?? NaN;
    // 25 % more during a rollout; 20 is the default of MYSQL_MAX_CONNECTIONS.
    const opened = Math.ceil(most * 1.25) * 20;
    const mysql = readFileSync(join(DIST, name, 'mysql.k8s.yaml'), 'utf8');
    expect(Number(/max_connections = (\d+)$/m.exec(mysql)?.[1])).toBeGreaterThan(opened);
  },
);
