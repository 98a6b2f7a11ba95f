import { join } from 'node:path';
import { loadVerdict } from '../src/index';
import { folderOf, run } from './command';
import { service } from './manifests';

const BIN = join(__dirname, '..', 'bin', 'kube-verdict.js');

const FOUR = service('web', { clusterIP: '10.97.0.10' });
const SIX = service('web', { clusterIP: 'fd00::10' });
const V4_ONLY = /IPv6 is not configured on this cluster/;
const V6_ONLY = /IPv4 is not configured on this cluster/;
const OUT_OF_RANGE = /the provided network does not match the current range/;

/** A Service, the options of a command and of the API, and what refuses it. */
const CASES: [object, string[], object, RegExp | undefined][] = [
  [FOUR, [], {}, undefined],
  [SIX, [], {}, V4_ONLY],
  [SIX, ['--ip-families', 'IPv6'], { ipFamilies: ['IPv6'] }, undefined],
  [SIX, ['--ip-families', 'IPv4,IPv6'], { ipFamilies: ['IPv4', 'IPv6'] }, undefined],
  [FOUR, ['--ip-families', 'IPv6'], { ipFamilies: ['IPv6'] }, V6_ONLY],
  [FOUR, ['--service-cidr', '10.97.0.0/16'], { serviceCidr: '10.97.0.0/16' }, undefined],
  [FOUR, ['--service-cidr', '10.96.0.0/16'], { serviceCidr: '10.96.0.0/16' }, OUT_OF_RANGE],
  [SIX, ['--service-cidr', 'fd00::/108'], { serviceCidr: 'fd00::/108' }, undefined],
];

describe('the cluster', () => {
  it.each(CASES)('%j is judged with %j', async (manifest, options, api, mistake) => {
    const folder = folderOf({ 'a.json': JSON.stringify(manifest) });
    const ran = await run(process.execPath, [BIN, 'check', ...options, 'a.json'], { cwd: folder });
    await using verdict = await loadVerdict();
    const created = await verdict.create(manifest, api);
    const applied = await verdict.apply(undefined, manifest, api);
    expect([ran.code, created.accepted, applied.accepted]).toEqual(
      mistake === undefined ? [0, true, true] : [1, false, false],
    );
    if (mistake === undefined) return;
    expect(ran.out).toMatch(mistake);
    expect(created.errors[0]?.message).toMatch(mistake);
    expect(applied.errors).toEqual(created.errors);
  });

  it('has what names no namespace in that of --namespace', async () => {
    const folder = folderOf({
      'old.json': JSON.stringify(FOUR),
      'new.json': JSON.stringify({ ...FOUR, metadata: { name: 'web', namespace: 'shop' } }),
    });
    const args = (...options: string[]) => [BIN, 'diff', ...options, 'old.json', 'new.json'];
    const same = await run(process.execPath, args('--namespace', 'shop'), { cwd: folder });
    expect(same.out).toBe('Service shop/web unchanged\n1 accepted, 0 refused\n');
    const other = await run(process.execPath, args(), { cwd: folder });
    expect(other.out).toMatch(/^Service shop\/web created\nService default\/web left behind/);
    await using verdict = await loadVerdict();
    const old = { ...FOUR, metadata: { name: 'web', namespace: 'shop' } };
    expect((await verdict.apply(old, FOUR)).accepted).toBe(false);
    expect(await verdict.apply(old, FOUR, { namespace: 'shop' })).toMatchObject({
      change: { kind: 'none' },
    });
  });
});
