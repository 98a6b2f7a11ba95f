import { existsSync } from 'node:fs';
import { runSuite } from '../../../commands/test/run-suite';

/** A suite of one line of JavaScript, and what it printed. */
async function run(script: string) {
  const log = jest.spyOn(console, 'log').mockImplementation(() => undefined);
  const outcome = await runSuite(
    { name: 'one-line', command: [process.execPath, '-e', script] },
    {},
  );
  const printed = log.mock.calls.map(([line]) => String(line));
  log.mockRestore();
  return { passed: outcome.passed, failed: outcome.failed, printed };
}

describe('a suite', () => {
  it('passes when its command does', async () => {
    expect(await run('console.log("done")')).toEqual({ passed: 1, failed: 0, printed: ['done'] });
  });

  it('fails when its command does', async () => {
    expect(await run('process.exit(1)')).toEqual({ passed: 0, failed: 1, printed: [] });
  });

  it('fails when it leaves something in the temporary folder, which is removed', async () => {
    const { passed, failed, printed } = await run(
      "const folder = fs.mkdtempSync(os.tmpdir() + '/cdk8s.outdir.'); console.log(folder)",
    );
    expect({ passed, failed }).toEqual({ passed: 1, failed: 1 });
    const [folder = ''] = printed;
    expect(printed[1]).toBe(`left in the temporary folder: ${folder.replace(/.*\//, '')}`);
    expect(existsSync(folder)).toBe(false);
  });

  it('may leave what tsx keeps from one run to the next', async () => {
    expect(await run("fs.mkdirSync(os.tmpdir() + '/tsx-0')")).toMatchObject({ failed: 0 });
  });
});
