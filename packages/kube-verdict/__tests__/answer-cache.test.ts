import { ApiObject, Chart, Testing } from 'cdk8s';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ObjectJudge } from '../src/cdk8s/judge';
import { BlockingWorker } from '../src/workers/blocking-worker';
import { folderOf, type Outcome, run } from './command';
import { deployment, pod } from './manifests';

const BIN = join(__dirname, '..', 'bin', 'kube-verdict.js');

const MANIFESTS = {
  'web.yaml': JSON.stringify(deployment('web')),
  'bad.yaml': JSON.stringify(deployment('bad', { replicas: -1 })),
  'shop.yaml': '{apiVersion: example.com/v1, kind: Shop, metadata: {name: a}}',
};

/** With a folder for the decompressed module, which is written when the module is loaded. */
function check(folder: string, cache: string, home = folderOf({})): Promise<Outcome> {
  const args = [BIN, 'check', '--cache', cache, '.'];
  return run(process.execPath, args, { cwd: folder, env: { XDG_CACHE_HOME: home } });
}

describe('--cache', () => {
  it('says the same again, and loads nothing for it', async () => {
    const folder = folderOf(MANIFESTS);
    const cache = join(folderOf({}), 'made', 'when-it-is-needed');
    const first = await check(folder, cache);
    expect(first.code).toBe(1);
    const home = folderOf({});
    expect(await check(folder, cache, home)).toEqual(first);
    expect(readdirSync(home)).toEqual([]);
  });

  it('judges what has changed since', async () => {
    const folder = folderOf(MANIFESTS);
    const cache = folderOf({});
    await check(folder, cache);
    writeFileSync(join(folder, 'bad.yaml'), JSON.stringify(deployment('bad', { replicas: 1 })));
    expect(await check(folder, cache)).toMatchObject({ code: 0, out: '2 accepted, 0 refused\n' });
  });

  it('takes nothing of what is damaged', async () => {
    const folder = folderOf(MANIFESTS);
    const cache = folderOf({});
    const first = await check(folder, cache);
    for (const name of readdirSync(cache)) {
      const path = join(cache, name);
      writeFileSync(
        path,
        readFileSync(path, 'utf8').replaceAll('"accepted":false', '"accepted":true'),
      );
    }
    expect(await check(folder, cache)).toEqual(first);
  });

  it('holds a few files, however often it was added to', async () => {
    const cache = folderOf({});
    for (let i = 0; i < 12; i++) {
      await check(folderOf({ 'a.yaml': JSON.stringify(pod(`web-${i}`)) }), cache);
    }
    expect(readdirSync(cache).length).toBeLessThanOrEqual(8);
    const home = folderOf({});
    await check(folderOf({ 'a.yaml': JSON.stringify(pod('web-0')) }), cache, home);
    expect(readdirSync(home)).toEqual([]);
  });

  it('that cannot be written changes no verdict', async () => {
    const folder = folderOf(MANIFESTS);
    const file = join(folderOf({ 'a-file': '' }), 'a-file');
    const outcome = await check(folder, file);
    expect(outcome.code).toBe(1);
    expect(outcome.err).toContain('warning: --cache: EEXIST');
  });

  it('in which something cannot be removed changes no verdict', async () => {
    const cache = folderOf({ 'of-another-version.answers/a-file': '' });
    expect((await check(folderOf(MANIFESTS), cache)).code).toBe(1);
    expect(readdirSync(cache)).toHaveLength(2);
  });

  it('of which the system says that it cannot be made hangs nothing', async () => {
    const outcome = await check(folderOf(MANIFESTS), '/proc/no-folder', '/proc/no-folder');
    expect(outcome.code).toBe(1);
    expect(outcome.err).toContain('warning: --cache: ENOENT');
  });
});

it('an app asks for what it has changed alone', () => {
  const cache = join(folderOf({}), 'verdicts');
  const asked = jest.spyOn(BlockingWorker.prototype, 'ask');
  const judged = (image: string): (boolean | null | undefined)[] => {
    const chart = new Chart(Testing.app(), 'shop');
    new ApiObject(chart, 'pod', pod('web', { image }) as never);
    new ApiObject(chart, 'bad', deployment('bad', { replicas: -1 }));
    return new ObjectJudge({ cache }).judge(chart).map(({ judgement }) => judgement.accepted);
  };
  expect(judged('nginx:1.29')).toEqual([true, false]);
  expect(judged('nginx:1.29')).toEqual([true, false]);
  expect(judged('nginx:1.30')).toEqual([true, false]);
  expect(asked.mock.results.map(({ value }) => (value as unknown[]).length)).toEqual([2, 1]);
  expect(existsSync(cache)).toBe(true);
});
