import { CommandError } from '../../../commands/command';
import { type NeedName, NEEDS } from '../../../commands/test/needs';
import { findNeed, needVariables, provide } from '../../../commands/test/provide';
import { GATES, TESTS } from '../../../commands/test/suites';

const environment = { ...process.env };
afterEach(() => {
  jest.restoreAllMocks();
  process.env = { ...environment };
});

/** Nothing is on the PATH, and nothing may be installed. */
function bareMachineOfAUser(): void {
  process.env = { PATH: '/nowhere' };
  jest.spyOn(process, 'getuid').mockReturnValue(1000);
}

const names = Object.keys(NEEDS) as NeedName[];

describe('what the suites need', () => {
  it('is needed by one of them', () => {
    const needed = [...TESTS, ...GATES].flatMap(({ needs = [] }) => needs);
    expect(names.filter((name) => !needed.includes(name))).toEqual([]);
  });

  it('is Debian’s, or says where else it is to be had', () => {
    const nowhere = names.filter(
      (name) => (NEEDS[name].packages ?? NEEDS[name].from) === undefined,
    );
    expect(nowhere).toEqual([]);
  });
});

describe('where something is', () => {
  it('is the program that the variable names', () => {
    process.env.CHROMIUM_PATH = process.execPath;
    expect(findNeed('chromium')).toBe(process.execPath);
  });

  it('is an error when the variable names nothing that is there', () => {
    process.env.CHROMIUM_PATH = '/nowhere/chromium';
    expect(() => findNeed('chromium')).toThrow(
      new CommandError(
        'CHROMIUM_PATH must name a program; received /nowhere/chromium, which is not there',
      ),
    );
  });

  it('is the PATH when the variable is empty', () => {
    process.env = { PATH: '/nowhere', CHROMIUM_PATH: '' };
    expect(findNeed('chromium')).toBeUndefined();
  });

  it('is the address that the variable has', () => {
    process.env = { PATH: '/nowhere', TEST_REDIS_ADDR: '127.0.0.1:6379' };
    expect(findNeed('redis')).toBe('TEST_REDIS_ADDR=127.0.0.1:6379');
  });

  it('is told to the suites by its variable', () => {
    expect(needVariables({ chromium: '/usr/bin/chromium', go: '/usr/bin/go' })).toEqual({
      CHROMIUM_PATH: '/usr/bin/chromium',
    });
  });
});

describe('where nothing may be installed', () => {
  it('all that is missing is said at once, with one command', async () => {
    bareMachineOfAUser();
    await expect(provide(['chromium', 'kubectl', 'go', 'python'])).rejects.toThrow(
      new CommandError(`missing, and not installed, since this is not root:
  chromium     chromium or chromium-browser or google-chrome (CHROMIUM_PATH may name one)
  kubectl      kubectl (KUBECTL may name one)
  go           go (get it from https://go.dev/dl/)
  python       python3
As root on Debian: apt-get install --no-install-recommends chromium kubernetes-client python3-venv`),
    );
  });

  it('nothing is said when nothing is missing', async () => {
    jest.spyOn(process, 'getuid').mockReturnValue(1000);
    const { tar } = await provide(['tar']);
    expect(tar).toMatch(/\/tar$/);
  });
});
