import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import fc from 'fast-check';
import { parseClusterArguments } from '../../commands/cluster-arguments';
import { UsageError } from '../../commands/command';

describe('the arguments of cluster', () => {
  it.each(['up', 'down', 'status'] as const)('take %s alone', (action) => {
    expect(parseClusterArguments([action])).toEqual({ action, images: [], options: {} });
  });

  it('take images for load, in their order', () => {
    const { images } = parseClusterArguments(['load', 'user', 'redis:5.0']);
    expect(images).toEqual(['user', 'redis:5.0']);
  });

  it('take options before and after the command', () => {
    const words = ['--context', 'mine', 'load', 'user', '--registry=r:5000'];
    expect(parseClusterArguments(words).options).toEqual({ context: 'mine', registry: 'r:5000' });
  });

  it('take a provider', () => {
    const { options } = parseClusterArguments(['up', '--provider', 'node']);
    expect(options).toEqual({ provider: 'node' });
  });

  it('take a number of nodes', () => {
    expect(parseClusterArguments(['up', '--nodes', '2']).options).toEqual({ nodes: 2 });
  });

  it('take addons, with commas between them', () => {
    const { options } = parseClusterArguments(['up', '--with', 'git,flux']);
    expect(options).toEqual({ addons: ['git', 'flux'] });
  });

  it.each([
    [[], 'must be one of up, down, status, load, got none'],
    [['start'], 'got "start"'],
    [['load'], 'at least one image'],
    [['up', 'user'], 'takes no further words, got "user"'],
    [['up', '--contxt', 'x'], '--contxt'],
    [['up', '--context', ''], '--context must not be empty'],
    [['up', '--context'], '--context'],
    [['up', '--provider', 'minikube'], 'must be node or kind, got "minikube"'],
    [['up', '--provider', 'kind', '--context', 'mine'], 'give one of them'],
    [['up', '--with', 'flux,istio'], '--with takes flux, gateway-api, git, prometheus'],
    [['up', '--with', 'git', '--provider', 'kind'], '--with is for up of a node built from source'],
    [['status', '--with', 'git'], '--with is for up of a node built from source'],
    [['up', '--nodes', '3'], '--nodes must be 1 or 2, got "3"'],
    [['down', '--nodes', '2'], '--nodes is for up of a cluster of this machine, got down'],
    [['up', '--nodes', '2', '--context', 'mine'], 'got --context'],
  ])('are not %j', (argv, message) => {
    expect(() => parseClusterArguments(argv)).toThrow(UsageError);
    expect(() => parseClusterArguments(argv)).toThrow(message);
  });

  it('throw nothing but wrong usage, whatever they are', () => {
    fc.assert(
      fc.property(fc.array(fc.string().filter((word) => word !== '--help')), (argv) => {
        try {
          parseClusterArguments(argv);
        } catch (error) {
          expect(error).toBeInstanceOf(UsageError);
        }
      }),
    );
  });
});

describe('npm run cluster', () => {
  const cluster = (...args: string[]) =>
    spawnSync('node', ['--import', 'tsx', 'commands/cluster.ts', ...args], {
      cwd: join(__dirname, '../..'),
      encoding: 'utf8',
    });

  it('answers --help whatever else is there', () => {
    const { status, stdout } = cluster('load', '--help');
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /^usage: npm run cluster -- up\|down\|status\|load IMAGE… \[options\]\n/,
    );
  });

  it('ends with 2 and its usage for a command line that it does not understand', () => {
    const { status, stderr } = cluster('start');
    expect(status).toBe(2);
    expect(stderr).toMatch(/got "start"\nusage: npm run cluster/);
  });

  it('ends with 1 and one line where it cannot do what it was told', () => {
    const { status, stderr } = cluster('down', '--context', 'mine');
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^down removes only what up made, and the cluster of context mine .*\n$/,
    );
  });
});
