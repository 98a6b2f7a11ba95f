import fc from 'fast-check';
import { parseCommandLine, WrongUsage } from '../arguments';

describe('parseCommandLine', () => {
  test.each(['up', 'down', 'status'] as const)('takes %s alone', (command) => {
    expect(parseCommandLine([command])).toEqual({ command, images: [], options: {} });
  });

  test('takes images for load, in their order', () => {
    expect(parseCommandLine(['load', 'user', 'redis:5.0']).images).toEqual(['user', 'redis:5.0']);
  });

  test('takes options before and after the command', () => {
    const { options } = parseCommandLine([
      '--context',
      'mine',
      'load',
      'user',
      '--registry=r:5000',
    ]);
    expect(options).toEqual({ context: 'mine', registry: 'r:5000' });
  });

  test('takes a provider', () => {
    expect(parseCommandLine(['up', '--provider', 'node']).options).toEqual({ provider: 'node' });
  });

  test('answers --help whatever else is there', () => {
    expect(parseCommandLine(['load', '--help']).command).toBe('help');
  });

  test.each([
    [[], 'must be one of up, down, status, load, got none'],
    [['start'], 'got "start"'],
    [['load'], 'at least one image'],
    [['up', 'user'], 'takes no further words, got "user"'],
    [['up', '--contxt', 'x'], '--contxt'],
    [['up', '--context', ''], '--context must not be empty'],
    [['up', '--context'], '--context'],
    [['up', '--provider', 'minikube'], 'must be node or kind, got "minikube"'],
    [['up', '--provider', 'kind', '--context', 'mine'], 'give one of them'],
  ])('refuses %j', (argv, message) => {
    expect(() => parseCommandLine(argv)).toThrow(WrongUsage);
    expect(() => parseCommandLine(argv)).toThrow(message);
  });

  test('throws nothing but wrong usage, whatever it is given', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (argv) => {
        try {
          parseCommandLine(argv);
        } catch (error) {
          expect(error).toBeInstanceOf(WrongUsage);
        }
      }),
    );
  });
});
