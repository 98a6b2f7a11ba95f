import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NEW, OLD, planned, withTexts } from './planned';
import { folderOf, run } from '../command';

/** What the runner of GitHub's workflows takes for a command in a line of a log. */
const COMMAND = /^\s*::|##\[/m;
const BIN = join(__dirname, '..', '..', 'bin', 'kube-verdict.js');

describe('what a plan prints in a workflow', () => {
  it.each(['::error::', '  ::set-output name=x::', '##[error]', '\n::error::'])(
    'begins no command in any form: %j',
    async (hostile) => {
      const plan = withTexts(await planned(OLD, NEW), (text) => hostile + text);
      const folder = folderOf({ 'plan.json': JSON.stringify(plan) });
      const outputs = ['-o', 'text', ...['json', 'markdown'].flatMap((f) => ['-o', `${f}=${f}`])];
      const { out, err } = await run(
        process.execPath,
        [BIN, 'plan', ...outputs, '-v', '--read', 'plan.json'],
        { cwd: folder },
      );
      const written = ['json', 'markdown'].map((file) => readFileSync(join(folder, file), 'utf8'));
      for (const text of [out, err, ...written]) expect(text).not.toMatch(COMMAND);
      expect(out).toContain('worker');
      expect(JSON.parse(written[0] ?? '')).toEqual(plan);
    },
  );

  it('begins none where it says what cannot be read', async () => {
    const hostile = '\n::error::owned';
    const { objects, ...rest } = await planned(OLD, NEW);
    const requests = { [hostile]: 1 };
    const room = { pods: 1, requests, limits: {} };
    const folder = folderOf({
      'plan.json': JSON.stringify({
        ...rest,
        objects: objects.map(({ rollout, ...one }) => ({
          ...one,
          rollout: rollout && { ...rollout, room },
        })),
      }),
      [`set/${hostile}.yaml`]: 'kind: [',
    });
    for (const args of [
      ['--read', 'plan.json'],
      ['set', 'set'],
    ]) {
      const { code, err } = await run(process.execPath, [BIN, 'plan', ...args], { cwd: folder });
      expect(code).toBe(2);
      expect(err).toContain('owned');
      expect(err).not.toMatch(COMMAND);
    }
  });

  it.each(['a\nb', 'a\u2028b', 'a\u001b[31mb'])(
    'says in one line of a file that cannot be read that it cannot: %j',
    async (name) => {
      const folder = folderOf({ [`set/${name}.yaml`]: 'kind: [' });
      for (const path of ['set', `no/${name}.yaml`]) {
        const { err } = await run(process.execPath, [BIN, 'plan', path, path], { cwd: folder });
        const [first = '', ...more] = err.split('\n');
        expect(first).toMatch(/a\\[nu].*b\.yaml(?::2:1)?: [^\p{Cc}\u2028]+$/u);
        expect(more).toEqual(['There is no plan: a part of one would look like a whole.', '']);
      }
    },
  );
});
