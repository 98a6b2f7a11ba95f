import { join } from 'node:path';
import { folderOf, type Outcome, run } from './command';
import { deployment } from './manifests';

const BIN = join(__dirname, '..', 'bin', 'kube-verdict.js');

/** More objects than are judged in one answer. */
const MANY = 120;

function check(list: object, ...options: readonly string[]): Promise<Outcome> {
  const folder = folderOf({ 'list.json': JSON.stringify(list, undefined, 2) });
  return run(process.execPath, [BIN, 'check', ...options, 'list.json'], { cwd: folder });
}

function listOf(...more: readonly object[]): object {
  const many = Array.from({ length: MANY }, (_, i) => ({
    ...deployment(`web-${i}`),
    metadata: { name: `web-${i}`, namespace: 'shop' },
  }));
  return { apiVersion: 'v1', kind: 'List', items: [...many, ...more] };
}

const namespace = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'shop', labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
};

describe('a List of more objects than one answer has', () => {
  const list = listOf(deployment('bad', { replicas: -1 }));

  it.each([[], ['--apply']])('is judged object by object %j', async (...options: string[]) => {
    const { code, out } = await check(list, ...options);
    const line = JSON.stringify(list, undefined, 2)
      .split('\n')
      .findIndex((text) => text.includes('"replicas": -1'));
    expect(code).toBe(1);
    expect(out.split('\n')).toEqual([
      `list.json:${line + 1}:9: Deployment default/bad: spec.replicas: Invalid value: -1: must be greater than or equal to 0`,
      `${MANY} accepted, 1 refused`,
      '',
    ]);
  });

  it('is held to the levels of Namespaces', async () => {
    const { code, out } = await check(listOf(namespace));
    expect(code).toBe(1);
    expect(out).toMatch(
      new RegExp(`^1 accepted, 0 refused, ${MANY} accepted whose Pods are refused$`, 'm'),
    );
  });
});
