/** `kube-verdict plan`: what it takes, what it writes, and how it ends. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plan } from '../../src';
import { folderOf } from '../command';
import { command, json, sides } from './command';
import { autoscaler, claim, deployment, httpRoute, secret, service, withSpec } from './manifests';

const IMAGE = sides([deployment()], [deployment({ container: { image: 'web:2' } })]);

describe('exit codes', () => {
  const refused = sides([deployment()], [deployment({ labels: { app: 'x' } })]);
  const down = sides(
    [deployment(), service()],
    [withSpec(deployment(), { replicas: 0 }), service()],
  );
  const lost = sides([claim('data'), service()], [service()]);
  const scaled = sides([deployment()], [withSpec(deployment(), { replicas: 5 })]);
  const same = sides([deployment()], [withSpec(deployment(), { revisionHistoryLimit: 10 })]);

  it.each([
    ['a refusal', refused, [], 1],
    ['a refusal that is not named', refused, ['--fail-on', 'downtime'], 0],
    ['a refusal where nothing is named', refused, ['--fail-on', 'none'], 0],
    ['downtime', down, ['--fail-on', 'refused,downtime'], 1],
    ['downtime that is not named', down, [], 0],
    ['lost data', lost, ['--fail-on', 'data-loss'], 1],
    ['a restart', IMAGE, ['--fail-on', 'restart'], 1],
    ['a restart that is not named', IMAGE, ['--fail-on', 'downtime'], 0],
    ['scaling, which restarts nothing', scaled, ['--fail-on', 'restart'], 0],
    ['any change', scaled, ['--fail-on', 'any'], 1],
    ['what means the same', same, ['--fail-on', 'any'], 0],
  ])('of %s', async (_what, folder, args, code) => {
    expect((await command(folder, [...args, 'old.yaml', 'new.yaml'])).code).toBe(code);
  });

  it.each([
    ['one path', ['old.yaml'], 'plan takes OLD and NEW; received 1 path'],
    [
      'an unknown outcome',
      ['--fail-on', 'fire', 'a', 'b'],
      '--fail-on takes refused, downtime, data-loss, restart, any; received fire',
    ],
    [
      'an unknown applier',
      ['--applier', 'helm', 'a', 'b'],
      '--applier takes kubectl, server-side, flux; received helm',
    ],
    ['no number of nodes', ['--nodes', 'many', 'a', 'b'], '--nodes takes a number of nodes'],
    ['an unknown option', ['--fix', 'a', 'b'], "Unknown option '--fix'"],
    [
      'two formats for standard output',
      ['-o', 'text', '-o', 'json', 'a', 'b'],
      'standard output takes one format',
    ],
  ])('2 for %s', async (_what, args, message) => {
    const { code, out, err } = await command(IMAGE, args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(message);
  });
});

describe('output', () => {
  it('is text, the verdict last', async () => {
    const { out } = await command(IMAGE, ['old.yaml', 'new.yaml']);
    expect(out.trimEnd().split('\n').at(-1)).toBe(
      '1 rollout (never fewer than 3 of 3 available), nothing refused, no data lost',
    );
  });

  it('has every field that changes with -v, as the API server holds it', async () => {
    const { out } = await command(IMAGE, ['-v', 'old.yaml', 'new.yaml']);
    expect(out).toContain('    spec.template.spec.containers[main].image: web:1 → web:2\n');
    const recreate = withSpec(deployment(), { strategy: { type: 'Recreate' } });
    const strategy = sides([deployment()], [recreate]);
    expect((await command(strategy, ['-v', 'old.yaml', 'new.yaml'])).out).toContain(
      'spec.strategy.rollingUpdate: - {"maxSurge":"25%","maxUnavailable":"25%"}',
    );
  });

  it('keeps to NO_COLOR, and to FORCE_COLOR where there is no terminal', async () => {
    const colours = async (env: NodeJS.ProcessEnv): Promise<boolean> =>
      (await command(IMAGE, ['old.yaml', 'new.yaml'], { env })).out.includes('\u001b[');
    expect(await colours({ NO_COLOR: '', FORCE_COLOR: '' })).toBe(false);
    expect(await colours({ NO_COLOR: '', FORCE_COLOR: '1' })).toBe(true);
    expect(await colours({ NO_COLOR: '1', FORCE_COLOR: '1' })).toBe(false);
  });

  it('is JSON in a file beside the text', async () => {
    const { out, code } = await command(IMAGE, [
      '-o',
      'text',
      '-o',
      'json=plan.json',
      'old.yaml',
      'new.yaml',
    ]);
    expect(code).toBe(0);
    expect(out).toContain('1 rollout');
    const plan = JSON.parse(readFileSync(join(IMAGE, 'plan.json'), 'utf8')) as Plan;
    expect(plan).toMatchObject({
      schema: 'kube-verdict/plan/v1',
      from: 'old.yaml',
      to: 'new.yaml',
    });
  });

  it('lets no name break out of its line', async () => {
    const hostile = 'web\u001b[2J\nnothing changes\u202e';
    const label = (value: string) => ({
      ...deployment(),
      metadata: { name: 'web', annotations: { [hostile]: value } },
    });
    const folder = sides([label('1')], [label('2\r\n::error::')]);
    const { out } = await command(folder, ['-v', 'old.yaml', 'new.yaml']);
    expect(out.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(out).not.toMatch(/^(nothing changes|::error)/m);
  });

  it('has 64-bit integers as they are written', async () => {
    const widget = (id: string) =>
      `{"apiVersion":"shop.example/v1","kind":"Widget","metadata":{"name":"a"},"spec":{"id":${id}}}`;
    const folder = folderOf({
      'old.yaml': widget('9007199254740993'),
      'new.yaml': widget('9007199254740995'),
    });
    const args = ['old.yaml', 'new.yaml'];
    expect((await command(folder, ['-v', ...args])).out).toContain(
      'spec.id: 9007199254740993 → 9007199254740995',
    );
    const { out } = await command(folder, ['-o', 'json', ...args]);
    expect(out).toContain('"new": 9007199254740995');
    writeFileSync(join(folder, 'plan.json'), out);
    for (const format of ['json', 'markdown', 'html']) {
      const { code, out: read } = await command(folder, ['--read', '-o', format, 'plan.json']);
      expect({ code, read }).toEqual({
        code: 0,
        read: expect.stringContaining('9007199254740995') as string,
      });
    }
  });

  it('has no value of a Secret', async () => {
    const folder = sides(
      [secret('db', { stringData: { password: 'hunter2' } })],
      [secret('db', { stringData: { password: 'correct-horse' } })],
    );
    for (const format of ['text', 'json']) {
      const { out } = await command(folder, ['-v', '-o', format, 'old.yaml', 'new.yaml']);
      expect(out).toContain('data[password]');
      expect(out).not.toMatch(/hunter2|correct-horse|aHVudGVyMg|Y29ycmVjdC1ob3JzZQ/);
    }
  });
});

describe('what is planned', () => {
  it('is a file, a folder or standard input', async () => {
    const folder = folderOf({
      'old/deployment.yaml': json(deployment()),
      'old/more/service.yml': json(service()),
      'new/all.json': JSON.stringify({
        apiVersion: 'v1',
        kind: 'List',
        items: [deployment(), service()],
      }),
    });
    expect((await command(folder, ['old', 'new'])).out).toBe('nothing changes\n');
    const input = json(deployment(), service(), autoscaler(1, 3));
    expect((await command(folder, ['old', '-'], { input })).out).toContain('1 created');
  });
});

describe('--environments', () => {
  const folders = (side: string, servicePort: object[]) => ({
    [`${side}/shop/all.yaml`]: json(deployment(), ...servicePort),
    [`${side}/shop-gateway/route.yaml`]: json(httpRoute('web', 80)),
  });

  it('joins by name what folders have of each other, and plans each by itself', async () => {
    const image = deployment({ container: { image: 'web:2' } });
    const folder = folderOf({
      ...folders('old', [service()]),
      ...folders('new', [service()]),
      'new/shop/all.yaml': json(image, service()),
    });
    const { out } = await command(folder, ['--environments', '-o', 'json', 'old', 'new']);
    const [shop, gateway] = JSON.parse(out) as Plan[];
    expect(shop?.topology.edges.map(({ relation }) => relation)).toEqual(['routes', 'selects']);
    expect(gateway?.objects).toEqual([]);
  });

  it('takes folders that have the same objects for different clusters', async () => {
    const [both, gone] = [json(deployment(), service()), json(service())];
    const folder = folderOf({
      ...{ 'old/east/all.yaml': both, 'new/east/all.yaml': both },
      ...{ 'old/west/all.yaml': both, 'new/west/all.yaml': gone },
    });
    const { out } = await command(folder, ['--environments', 'old', 'new']);
    expect(out).toContain('has no endpoints any more: Deployment default/web is deleted');
    expect(out).toMatch(/^new\/west: downtime of 1 object/m);
  });

  it('tells of a route in one folder whose Service goes from another', async () => {
    const folder = folderOf({ ...folders('old', [service()]), ...folders('new', []) });
    const { out } = await command(folder, ['--environments', 'old', 'new']);
    expect(out).toContain(
      'HTTPRoute default/web downtime: its backend of shop.example/cart, Service web, is deleted',
    );
  });
});

describe('a set that cannot be read is never planned in part', () => {
  const broken = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a\n';

  it.each([
    ['a file that is not there', ['gone.yaml', 'new.yaml'], /gone\.yaml/],
    ['an empty folder', ['empty', 'new.yaml'], /empty: there is no object in it: was it written\?/],
    ['half-broken YAML', ['old.yaml', 'broken.yaml'], /broken\.yaml:\d+:\d+: /],
    ['standard input twice', ['-', '-'], /standard input can be one side only/],
    ['two clusters', ['live:', 'live:'], /live: can be one side only/],
    [
      'a commit without a path',
      ['git:main', 'new.yaml'],
      /git:main: must be git:REF:PATH, as git:main:dist/,
    ],
  ])('%s', async (_what, args, message) => {
    const folder = folderOf({
      'old.yaml': json(deployment()),
      'new.yaml': json(deployment()),
      'broken.yaml': `${json(deployment())}\n---\n${broken}`,
    });
    mkdirSync(join(folder, 'empty'));
    const { code, out, err } = await command(folder, args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(message);
    expect(err).toContain('There is no plan: a part of one would look like a whole.');
  });
});

it('says what is wrong with either side, however much of the other is still to be read', async () => {
  const many = Array.from({ length: 600 }, (_, i) => deployment({ name: `web-${i}` }));
  const folder = folderOf({ 'many.yaml': `${json(...many)}\n---\nkind: [` });
  const { code, err } = await command(folder, ['gone.yaml', 'many.yaml']);
  expect({ code, err: err.split('\n') }).toEqual({
    code: 2,
    err: [
      'gone.yaml: no such file or folder',
      expect.stringMatching(/^many\.yaml:\d+:\d+: /),
      'There is no plan: a part of one would look like a whole.',
      '',
    ],
  });
});

it('says of a file that cannot be written which it is, and why', async () => {
  const folder = sides([deployment()], [deployment()]);
  const { code, out, err } = await command(folder, [
    '-o',
    'json=gone/p.json',
    'old.yaml',
    'new.yaml',
  ]);
  expect({ code, out, err }).toEqual({
    code: 2,
    out: '',
    err: 'kube-verdict: gone/p.json cannot be written: there is no such folder\n',
  });
});
