/** `kube-verdict plan`: sets that are read from Git and from a cluster. */
import { cpSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import type { Plan } from '../../src';
import { folderOf, type Outcome, run } from '../command';
import { command, json } from './command';
import { deployment, withSpec } from './manifests';

const PACKAGE = join(__dirname, '..', '..');

describe('git:REF:PATH', () => {
  const identity = ['-c', 'user.name=a', '-c', 'user.email=a@example.com'];
  let folder: string;

  const git = async (cwd: string, ...args: string[]): Promise<void> => {
    const { code, err } = await run('git', [...identity, ...args], { cwd });
    if (code !== 0) throw new Error(err);
  };

  beforeAll(async () => {
    folder = folderOf({ 'dist/web.yaml': json(deployment()) });
    symlinkSync('dist', join(folder, 'link'));
    await git(folder, 'init', '--quiet', '--initial-branch=main');
    await git(folder, 'add', '.');
    await git(folder, 'commit', '--quiet', '-m', 'one');
    writeFileSync(
      join(folder, 'dist', 'web.yaml'),
      json(deployment({ container: { image: 'web:2' } })),
    );
  });

  it('is what the commit has, beside what the folder has', async () => {
    const { out, code } = await command(folder, ['-o', 'json', 'git:main:dist', 'dist']);
    expect(code).toBe(0);
    const plan = JSON.parse(out) as Plan;
    expect(plan.objects).toMatchObject([
      { action: 'rollout', place: { file: 'dist/web.yaml', line: 1 } },
    ]);
    expect((await command(folder, ['git:main:dist/web.yaml', 'git:HEAD:dist'])).out).toBe(
      'nothing changes\n',
    );
  });

  it('is read from anywhere in the repository', async () => {
    const { out } = await command(join(folder, 'dist'), ['git:main:dist', '.']);
    expect(out).toContain('1 rollout');
  });

  it.each([
    [
      'no such ref',
      'git:nowhere:dist',
      /git:nowhere: there is no such commit here; git fetch may bring it/,
    ],
    ['no such path', 'git:main:gone', /git:main:gone: main has no gone \(paths are from the root/],
    ['a link', 'git:main:link', /git:main:link: is a symbolic link: name what it leads to/],
    ['an option in place of a ref', 'git:--help:dist', /a ref does not begin with a hyphen/],
  ])('of %s says so', async (_what, source, message) => {
    const { code, out, err } = await command(folder, [source, 'dist']);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(message);
  });

  it('of a shallow clone says how to deepen it', async () => {
    await git(folder, 'commit', '--quiet', '-am', 'two');
    const clone = folderOf({});
    await git(clone, 'clone', '--quiet', '--depth=1', `file://${folder}`, 'shallow');
    const { code, err } = await command(join(clone, 'shallow'), ['git:HEAD~1:dist', 'dist']);
    expect(code).toBe(2);
    expect(err).toMatch(/this clone is shallow: fetch more of it \(git fetch --unshallow/);
    rmSync(clone, { recursive: true });
  });

  it('needs a repository', async () => {
    const { code, err } = await command(folderOf({}), ['git:main:dist', '.'], {
      env: { GIT_CEILING_DIRECTORIES: '/' },
    });
    expect(code).toBe(2);
    expect(err).toMatch(/read from the repository that holds the working folder; there is none/);
  });
});

const SHOP = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } };

describe('live:', () => {
  let server: Server;
  let answer: (path: string) => { status: number; body: object };
  let folder: string;

  beforeAll(async () => {
    server = createServer(({ url = '' }, response) => {
      const { status, body } = answer(url);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const config = (at: string) => ({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'shop',
      contexts: [{ name: 'shop', context: { cluster: 'shop', user: 'me' } }],
      clusters: [{ name: 'shop', cluster: { server: at, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'me', user: { token: 't' } }],
    });
    folder = folderOf({
      'new.yaml': json(deployment()),
      'namespace.yaml': json({ ...SHOP, metadata: { name: 'shop', labels: { team: 'a' } } }),
      config: JSON.stringify(config(`http://127.0.0.1:${port}`)),
      nowhere: JSON.stringify(config('http://127.0.0.1:1')),
    });
  });
  afterAll(() => server.close());

  const live = (source: string, config = 'config', file = 'new.yaml'): Promise<Outcome> =>
    command(folder, [source, file], { env: { KUBECONFIG: join(folder, config) } });

  const resources = {
    resources: [
      { name: 'deployments', kind: 'Deployment', namespaced: true },
      { name: 'deployments/scale', kind: 'Scale', namespaced: true },
    ],
  };

  it('is what the cluster holds, without what others made', async () => {
    const held = withSpec(deployment(), { replicas: 5 });
    const owned = {
      ...deployment({ name: 'other' }),
      metadata: { name: 'other', ownerReferences: [{}] },
    };
    answer = (path) => ({
      status: 200,
      body: path.endsWith('/apps/v1') ? resources : { items: [held, owned] },
    });
    const { code, out } = await live('live:shop/');
    expect(code).toBe(0);
    expect(out).toContain('Deployment default/web scales from 5 to 3 Pods');
    expect(out).not.toContain('other');
  });

  it('leaves other objects of no namespace alone: a cluster is shared', async () => {
    const applied = { managedFields: [{ operation: 'Apply', manager: 'kubectl' }] };
    const all = [SHOP, { ...SHOP, metadata: { name: 'bank', ...applied } }];
    answer = (path) => ({
      status: 200,
      body: path.endsWith('/v1')
        ? { resources: [{ name: 'namespaces', kind: 'Namespace', namespaced: false }] }
        : { items: all },
    });
    const { code, out } = await live('live:', 'config', 'namespace.yaml');
    expect(code).toBe(0);
    expect(out).toContain('Namespace shop');
    expect(out).not.toContain('bank');
  });

  it.each([
    [
      403,
      'deployments is forbidden',
      /reading \/apis\/apps\/v1\/namespaces\/default\/deployments\?limit=500 is forbidden \(403\): deployments is forbidden/,
    ],
    [401, 'Unauthorized', /the credentials are not accepted \(401\): log in again/],
    [500, 'etcd', /answered 500: etcd/],
  ])('of a cluster that answers %i says so', async (status, message, expected) => {
    answer = (path) =>
      path.endsWith('/apps/v1') ? { status: 200, body: resources } : { status, body: { message } };
    const { code, out, err } = await live('live:');
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(expected);
  });

  it('of a cluster that does not answer says so', async () => {
    const { code, err } = await live('live:', 'nowhere');
    expect(code).toBe(2);
    expect(err).toMatch(/live:shop: the cluster at http:\/\/127\.0\.0\.1:1 does not answer/);
  });

  it.each([
    ['live:', /live: the kubeconfig names no cluster: set KUBECONFIG, or name a context/],
    ['live:prod/', /live:prod\/: the kubeconfig has no such context; there is none/],
  ])('says of %s that there is no kubeconfig', async (source, expected) => {
    const env = { KUBECONFIG: undefined, HOME: folder, USERPROFILE: folder };
    const { code, err } = await command(folder, [source, 'new.yaml'], { env });
    expect(code).toBe(2);
    expect(err).toMatch(expected);
  });

  it('needs a package that speaks to clusters, and says which', async () => {
    const without = folderOf({ 'node_modules/none': '' });
    for (const part of ['bin', 'dist', 'package.json'])
      cpSync(join(PACKAGE, part), join(without, part), { recursive: true });
    symlinkSync(join(PACKAGE, 'module'), join(without, 'module'));
    for (const name of ['yaml', 'ignore'])
      symlinkSync(
        dirname(require.resolve(`${name}/package.json`)),
        join(without, 'node_modules', name),
      );
    const { code, err } = await run(
      process.execPath,
      [join(without, 'bin', 'kube-verdict.js'), 'plan', 'live:', 'new.yaml'],
      { cwd: folder },
    );
    expect(err).toMatch(
      /^live: needs the package @kubernetes\/client-node: npm install --save-dev @kubernetes\/client-node\n/,
    );
    expect(code).toBe(2);
  });

  it('of an unknown context names those that there are', async () => {
    const { code, err } = await live('live:prod/');
    expect(code).toBe(2);
    expect(err).toMatch(/live:prod\/: the kubeconfig has no such context; there are shop/);
  });
});
