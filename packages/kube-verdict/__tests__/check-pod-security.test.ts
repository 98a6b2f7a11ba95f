import { join } from 'node:path';
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
});
