import { execFileSync } from 'node:child_process';
import { constants, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { folderOf, type Outcome, run } from './command';
import { deployment } from './manifests';

const BIN = join(__dirname, '..', 'bin', 'kube-verdict.js');

const NAMESPACE = JSON.stringify({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'default', labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
});

/**
 * Judges a Deployment whose Namespace, which is read last, has it read again.
 * @param between what is done to the folder once the Deployment was read for the first time
 */
async function checkedMeanwhile(between: (file: string) => void): Promise<Outcome> {
  const folder = folderOf({ 'web.json': JSON.stringify(deployment('web')) });
  const fifo = join(folder, 'namespace');
  execFileSync('mkfifo', [fifo]);
  const checked = run(process.execPath, [BIN, 'check', 'web.json', 'namespace'], { cwd: folder });
  // Lets go of the writer where the command has ended before it reads.
  void checked.then(async () => {
    await (await open(fifo, constants.O_RDONLY | constants.O_NONBLOCK)).close();
  });
  // It opens for the writer when the command opens it to read: by then it has read what comes before.
  const namespace = await open(fifo, 'w');
  between(join(folder, 'web.json'));
  await namespace.writeFile(NAMESPACE);
  await namespace.close();
  return checked;
}

describe('a file that is read again', () => {
  it('is judged by the level that a later Namespace enforces', async () => {
    const { code, out, err } = await checkedMeanwhile(() => undefined);
    expect([code, err]).toEqual([1, '']);
    expect(out).toMatch(/^web\.json:1:\d+: Deployment default\/web: its Pods are refused: /);
  });

  it.each<[string, string, (file: string) => void]>([
    [
      'has another object now',
      'changed while it was checked',
      (file) => {
        writeFileSync(file, JSON.stringify(deployment('web', { replicas: 5 })));
      },
    ],
    [
      'is gone',
      'changed while it was checked',
      (file) => {
        rmSync(file);
      },
    ],
    [
      'is half written',
      'unexpected end of JSON input',
      (file) => {
        writeFileSync(file, JSON.stringify(deployment('web')).slice(0, 40));
      },
    ],
  ])('is no object that was judged where it %s', async (_, why, between) => {
    expect(await checkedMeanwhile(between)).toEqual({
      code: 2,
      out: '1 accepted, 0 refused\n',
      err: expect.stringMatching(new RegExp(`^web\\.json: .*${why}.*\n1 unreadable\n$`)) as string,
    });
  });
});
