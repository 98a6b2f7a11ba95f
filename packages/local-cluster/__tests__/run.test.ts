import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { poll } from '../poll';
import { CommandFailure, interruptRuns, quoted, run, succeeds } from '../run';

function untilEnded(pid: string): Promise<boolean> {
  return poll<boolean>({ what: 'the program to end', timeout: 300_000 }, async () =>
    (await succeeds(['kill', '-0', pid])) ? { lastSeen: `process ${pid}` } : { found: true },
  );
}

describe('run', () => {
  it('returns what the program wrote', async () => {
    const { stdout, stderr, code } = await run(['sh', '-c', 'cat; echo aside >&2'], {
      input: 'in',
    });
    expect({ stdout, stderr, code }).toEqual({ stdout: 'in', stderr: 'aside\n', code: 0 });
  });

  it('fails with the command, its exit code and its output', async () => {
    const failing = run(['sh', '-c', 'echo "no such thing" >&2; exit 3']);
    await expect(failing).rejects.toThrow(CommandFailure);
    await expect(failing).rejects.toThrow(/^sh -c 'echo .*: exit code 3\nno such thing$/s);
  });

  it('returns a failure that was allowed', async () => {
    expect((await run(['sh', '-c', 'exit 3'], { allowFailure: true })).code).toBe(3);
  });

  it('kills a program that takes too long, and says so even where failure is allowed', async () => {
    const slow = run(['sleep', '60'], { timeout: 100, allowFailure: true });
    await expect(slow).rejects.toThrow('took longer than 0.1 s');
  });

  it('shows each line as it is written', async () => {
    const lines: string[] = [];
    const script = 'echo one; echo two >&2; read -r line; echo "$line"';
    const { stdout } = await run(['sh', '-c', script], {
      input: 'three\n',
      onLine: (line) => lines.push(line),
    });
    expect(lines.sort()).toEqual(['one', 'three', 'two']);
    expect(stdout).toBe('one\nthree\n');
  });

  it('ends at an interruption, with what the program started', async () => {
    const interrupted = run(['sh', '-c', 'sleep 3600 & echo $!; wait'], {
      onLine: () => {
        interruptRuns('SIGTERM');
      },
    });
    const failure = (await interrupted.catch((error: unknown) => error)) as CommandFailure;
    expect(failure.reason).toBe('ended by SIGTERM');
    await untilEnded(failure.completed.stdout.trim());
  });

  it('leaves no program behind when its own process ends', async () => {
    const module = JSON.stringify(join(__dirname, '..', 'run.ts'));
    const script = `require(${module}).run(['sh', '-c', 'echo $$; exec sleep 3600'], {
      onLine: (line) => { console.log(line); process.exit(0); },
    })`;
    const { stdout } = spawnSync(process.execPath, ['--import', 'tsx', '--eval', script], {
      encoding: 'utf8',
    });
    await untilEnded(stdout.trim());
  });

  it('fails for a program that is not there', async () => {
    await expect(run(['/no/such/program'])).rejects.toThrow('cannot be started');
  });

  it('survives a program that does not read its input', async () => {
    expect((await run(['true'], { input: 'x'.repeat(1_000_000) })).code).toBe(0);
  });
});

it('succeeds tells success from failure and from absence', async () => {
  expect(await succeeds(['true'])).toBe(true);
  expect(await succeeds(['false'])).toBe(false);
  expect(await succeeds(['/no/such/program'])).toBe(false);
});

it('quoted writes a command line that a shell reads back', async () => {
  const words = ['a b', "it's", '$HOME', '', 'plain-1.0'];
  const { stdout } = await run(['sh', '-c', quoted(['printf', '%s|', ...words])]);
  expect(stdout).toBe(words.map((word) => `${word}|`).join(''));
});
