import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './command';

const PACKAGE = join(__dirname, '..');

/** The commands of the README's console blocks, and what it says they print. */
const examples = [
  ...readFileSync(join(PACKAGE, 'README.md'), 'utf8').matchAll(
    /```console\n([^`]*(?:`[^`]+)*?)```/g,
  ),
].flatMap(([, block = '']) =>
  block.split(/^\$ /m).flatMap((part): [string, string][] => {
    const [command = '', ...output] = part.trimEnd().split('\n');
    return command === '' ? [] : [[command, `${output.join('\n')}\n`]];
  }),
);

it('has examples', () => {
  expect(examples.length).toBeGreaterThanOrEqual(3);
});

it.each(examples)('%s prints what the README says', async (command, output) => {
  const args = command.replace(/^npx kube-verdict /, '').split(' ');
  const { out, err } = await run(
    process.execPath,
    [join(PACKAGE, 'bin', 'kube-verdict.js'), ...args],
    { cwd: join(PACKAGE, 'example') },
  );
  expect({ out, err }).toEqual({ out: output, err: '' });
});
