import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { parseCommand } from '../src/cli/arguments';
import { check } from '../src/cli/check';
import { Output } from '../src/cli/output';
import { Report } from '../src/cli/report';
import { Reader } from '../src/reading/reader';
import { openPool } from '../src/workers/open-pool';
import { folderOf, type Outcome, run } from './command';
import { deployment } from './manifests';

const BIN = join(__dirname, '..', 'bin', 'kube-verdict.js');

function verdict(cwd: string, ...args: string[]): Promise<Outcome> {
  return run(process.execPath, [BIN, ...args], { cwd });
}

describe('check, of Pods', () => {
  it('exits 1 when Pods would be refused, by an enforcing Namespace or when asked', async () => {
    const web = JSON.stringify({
      ...deployment('web'),
      metadata: { name: 'web', namespace: 'shop' },
    });
    const namespace = `apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels:
    pod-security.kubernetes.io/enforce: restricted
`;
    const folder = folderOf({ 'a-web.json': web, 'namespace.yaml': namespace });
    const enforced = await verdict(folder, 'check', '.');
    expect(enforced.code).toBe(1);
    expect(enforced.out).toMatch(/a-web\.json:1:\d+: Deployment shop\/web: its Pods are refused: /);
    expect(enforced.out).toMatch(/^1 accepted, 0 refused, 1 accepted whose Pods are refused$/m);
    expect((await verdict(folder, 'check', 'a-web.json')).code).toBe(0);
    const asked = await verdict(folder, 'check', '--pod-security', 'restricted', 'a-web.json');
    expect(asked.code).toBe(1);
  });

  it('holds each Pod to the stricter of what is asked and what its Namespace enforces', async () => {
    const [web, far] = ['shop', 'elsewhere'].map((namespace) => ({
      ...deployment('web'),
      metadata: { name: 'web', namespace },
    }));
    const namespace = {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'shop', labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
    };
    const list = { apiVersion: 'v1', kind: 'List', items: [far, web, namespace] };
    const folder = folderOf({ 'list.json': JSON.stringify(list) });
    const shell = `cat list.json | "${process.execPath}" "${BIN}" check --pod-security baseline -`;
    const { code, out } = await run('sh', ['-c', shell], { cwd: folder });
    expect(code).toBe(1);
    expect(out).toMatch(/^-:1:\d+: Deployment shop\/web: its Pods are refused: /m);
    expect(out).not.toContain('elsewhere');
    expect(out).toMatch(/^2 accepted, 0 refused, 1 accepted whose Pods are refused$/m);
  });

  it('judges a List again once, however many objects it has', async () => {
    const namespace = {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'shop', labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
    };
    const many = Array.from({ length: 20 }, (_, i) => ({
      ...deployment(`web-${i}`),
      metadata: { name: `web-${i}`, namespace: 'shop' },
    }));
    const list = { apiVersion: 'v1', kind: 'List', items: [namespace, ...many] };
    const folder = folderOf({ 'list.json': JSON.stringify(list) });
    const command = parseCommand(['check', join(folder, 'list.json')]);
    if (command.name !== 'check') throw new Error(command.name);
    const pool = await openPool();
    let count = 0;
    const ask: typeof pool.ask = (request) => {
      if (request.includes('"podSecurity":"restricted"')) count++;
      return pool.ask(request);
    };
    const out = new PassThrough();
    // Of a terminal nothing is needed but that it can be written to.
    const output = new Output(...([out, out] as unknown as ConstructorParameters<typeof Output>));
    const report = new Report('text', false, output);
    try {
      const asked = { about: await pool.ready, reader: new Reader(ask), ask };
      await check(command, asked, { exclude: [], kustomize: false, valueOf: fail }, report);
      report.summarise();
    } finally {
      pool.close();
    }
    out.end();
    expect(await text(out)).toMatch(/^1 accepted, 0 refused, 20 accepted whose Pods are/m);
    expect(count).toBe(1);
  });
});

function fail(): Promise<unknown> {
  throw new Error('there is no kustomization');
}
