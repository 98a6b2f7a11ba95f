import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { irreversibleChanges } from '../../commands/irreversible';
import { filesBelow } from '../../commands/outputs';

const DIST = join(__dirname, '..', '..', 'dist');
const dist = new Map(
  filesBelow(DIST).map((file) => [file, readFileSync(join(DIST, file), 'utf8')]),
);

function edited(file: string, from: string | RegExp, to: string): Map<string, string> {
  const text = dist.get(file) ?? '';
  const after = text.replace(from, to);
  if (after === text) throw new Error(`${file} has no ${String(from)}`);
  return new Map(dist).set(file, after);
}

const MYSQL = 'dist/production/mysql.k8s.yaml'.slice('dist/'.length);

it('lets pass what can be applied and undone', async () => {
  expect(await irreversibleChanges(dist, dist)).toEqual([]);
  expect(await irreversibleChanges(dist, edited(MYSQL, 'mysql:8.4', 'mysql:8.4.7'))).toEqual([]);
});

it.each([
  ['a claim template that grows', /storage: 20Gi/, 'storage: 30Gi', 'updates to statefulset spec'],
  ['another storage class', /( +)accessModes:/, '$1storageClassName: fast\n$&', 'statefulset spec'],
  [
    'another selector',
    /(matchLabels:\n {6}app.kubernetes.io\/name: )mysql\n {2}serviceName/,
    '$1db\n  serviceName',
    'spec',
  ],
  ['an upgrade to another series', 'image: mysql:8.4', 'image: mysql:9.1', 'cannot be undone'],
  ['a downgrade', 'image: mysql:8.4', 'image: mysql:8.0.36', 'cannot be undone'],
  ['another server', 'image: mysql:8.4', 'image: mariadb:8.4', 'cannot be undone'],
  ['a tag that says no series', 'image: mysql:8.4', 'image: mysql:lts', 'cannot be undone'],
  ['a digest alone', 'image: mysql:8.4', `image: mysql@sha256:${'0'.repeat(64)}`, 'cannot be'],
])('stops at %s, and says the way', async (_, from, to, reason) => {
  const [change, ...more] = await irreversibleChanges(dist, edited(MYSQL, from, to));
  expect(more).toEqual([]);
  expect(change?.object).toBe('production/statefulset/mysql');
  expect(change?.reasons.join()).toContain(reason);
  expect(change?.way).not.toBe('');
});

it('stops at another digest, which says no series', async () => {
  const of = (digit: string) =>
    edited(MYSQL, 'image: mysql:8.4', `image: mysql@sha256:${digit.repeat(64)}`);
  const [change] = await irreversibleChanges(of('0'), of('1'));
  expect(change?.reasons.join()).toContain('another series of the server');
});

it('stops at what would be pruned with its data', async () => {
  const without = new Map(dist);
  without.delete('production/mysql-backup.k8s.yaml');
  const changes = await irreversibleChanges(dist, without);
  expect(changes.map(({ object }) => object)).toEqual([
    'production/persistentvolumeclaim/mysql-backup',
  ]);
});

it.each([
  [MYSQL, /storage: 20Gi/, 'storage: 10Gi', 'A claim never gets smaller'],
  [MYSQL, /storage: 20Gi/, 'storage: 0.03Ti', 'Edit the claims'],
  [MYSQL, /storage: 20Gi/, 'storage: 20479Mi', 'A claim never gets smaller'],
  ['production/mysql-backup.k8s.yaml', /storage: 40Gi/, 'storage: 10Gi', 'what it holds is lost'],
])('says of %s at %s and then %s the way that there is', async (file, from, to, way) => {
  const [change] = await irreversibleChanges(dist, edited(file, from, to));
  expect(change?.way).toContain(way);
});

it('says of a StatefulSet that leaves that its claims stay', async () => {
  const without = edited(MYSQL, /---\napiVersion: apps\/v1\nkind: StatefulSet[^]*/, '');
  const [change] = await irreversibleChanges(dist, without);
  expect(change?.reasons).toEqual([
    'it is removed, and pruning would take it away; its claims stay, and nothing uses them',
  ]);
});

it('leaves the lesson alone, which keeps no data', async () => {
  const after = edited('user-service-deployment.k8s.yaml', /name: user-service/g, 'name: other');
  expect(await irreversibleChanges(dist, after)).toEqual([]);
});
