import { UsageError } from '../../commands/command';
import { parseOptions } from '../../e2e/arguments';

const SUITES = ['lesson', 'apply'];

describe('the command line', () => {
  it('runs everything on a cluster of its own when it is empty', () => {
    expect(parseOptions([], SUITES)).toEqual({
      only: [],
      check: [],
      keep: false,
      selfTest: false,
    });
  });

  it('takes every option', () => {
    const words =
      '--only lesson --only apply --check kills --keep --self-test --context kind-a --registry r:5000 --cases 9 --seed 0 --kills 5 --kind Lease';
    expect(parseOptions(words.split(' '), SUITES)).toEqual({
      only: ['lesson', 'apply'],
      check: ['kills'],
      keep: true,
      selfTest: true,
      context: 'kind-a',
      registry: 'r:5000',
      cases: 9,
      seed: 0,
      kills: 5,
      kinds: ['Lease'],
    });
  });

  it.each([
    [['--only', 'leson'], '--only must be one of lesson, apply; received "leson"'],
    [['--context', ''], '--context must not be empty'],
    [['--registry='], '--registry must not be empty'],
    [['--cases', '0'], '--cases must be a whole number of at least 1; received "0"'],
    [['--seed', 'x'], '--seed must be a whole number of at least 0; received "x"'],
    [['--kills', '1.5'], '--kills must be a whole number of at least 1; received "1.5"'],
    [['--kep'], "Unknown option '--kep'"],
    [['lesson'], "Unexpected argument 'lesson'"],
  ])('refuses %j as wrong usage, and says what is wrong', (argv, message) => {
    const parse = () => parseOptions(argv, SUITES);
    expect(parse).toThrow(UsageError);
    expect(parse).toThrow(message);
    expect(parse).toThrow('usage: npm run e2e');
  });
});
