import { existsSync } from 'node:fs';
import { missedCoverage } from '../../../commands/test/counts';
import { runSuite } from '../../../commands/test/run-suite';
import type { Suite } from '../../../commands/test/suites';

/** A suite of one line of JavaScript, and what it printed. */
async function run(script: string, suite: Partial<Suite> = {}) {
  const log = jest.spyOn(console, 'log').mockImplementation(() => undefined);
  const outcome = await runSuite(
    { name: 'one-line', command: [process.execPath, '-e', script], ...suite },
    {},
  );
  const printed = log.mock.calls.map(([line]) => String(line));
  log.mockRestore();
  const { passed, failed, failures } = outcome;
  return { passed, failed, failures, printed };
}

describe('a suite', () => {
  it('passes when its command does', async () => {
    expect(await run('console.log("done")')).toEqual({
      passed: 1,
      failed: 0,
      failures: [],
      printed: ['done'],
    });
  });

  it('fails when its command does', async () => {
    expect(await run('process.exit(1)')).toEqual({
      passed: 0,
      failed: 1,
      failures: ['exit code 1'],
      printed: [],
    });
  });

  it('says that coverage failed where no test did', async () => {
    const missed = 'Coverage for lines (96.59%) does not meet "global" threshold (100%)';
    const { failed, failures } = await run(
      `console.error(${JSON.stringify(`Jest: ${missed}`)}); process.exit(1)`,
      { count: () => ({ passed: 7, failed: 0 }), explain: missedCoverage },
    );
    expect({ failed, failures }).toEqual({ failed: 1, failures: [`exit code 1; ${missed}`] });
  });

  it('fails when it leaves something in the temporary folder, which is removed', async () => {
    const { passed, failed, failures, printed } = await run(
      "const folder = fs.mkdtempSync(os.tmpdir() + '/cdk8s.outdir.'); console.log(folder)",
    );
    expect({ passed, failed }).toEqual({ passed: 1, failed: 1 });
    const [folder = ''] = printed;
    expect(failures).toEqual([`left in the temporary folder: ${folder.replace(/.*\//, '')}`]);
    expect(existsSync(folder)).toBe(false);
  });

  it('may leave what tsx keeps from one run to the next', async () => {
    expect(await run("fs.mkdirSync(os.tmpdir() + '/tsx-0')")).toMatchObject({ failed: 0 });
  });
});
