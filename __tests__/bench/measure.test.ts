import { FailedCommand, medianOutcomes, medianSeconds } from '../../bench/measure';

const node = (script: string, timeout?: number) => ({
  args: [process.execPath, '-e', script] as const,
  ...(timeout !== undefined && { timeout }),
});

describe('a command that is measured', () => {
  it('fails with its output, and the others are measured all the same', () => {
    const [failed, measured] = medianOutcomes(
      1,
      node('console.error("no schema"); process.exit(3)'),
      node(''),
    );
    expect(failed).toMatchObject({ reason: 'exit code 3', output: 'no schema\n' });
    expect(measured).toBeGreaterThan(0);
  });

  it('is ended when it takes too long', () => {
    const [outcome] = medianOutcomes(3, node('setInterval(() => {}, 1000)', 500));
    expect(outcome).toMatchObject({ reason: 'no end within 0.5 s' });
  });

  it('fails when it cannot be started', () => {
    expect(() => medianSeconds(1, { args: ['/no/such/command'] })).toThrow(FailedCommand);
  });
});
