import type { Check, Requirements, Suite } from '../../e2e/harness/check';
import { runEach } from '../../e2e/harness/run';
import { clusterThat } from './cluster';

const check: Check = {
  name: 'it answers',
  how: 'by asking',
  run: () => Promise.resolve('yes'),
  fault: { what: 'it is gone' },
};

const grow = () => Promise.resolve();

function suite(name: string, requires: Requirements): Suite {
  return { name, requires, fixtures: [{ name: 'here', checks: [check] }] };
}

it('gives the cluster what each suite needs, and says why those that lack something are not run', async () => {
  const provided: (readonly string[])[] = [];
  const printed: string[] = [];
  const session = {
    cluster: clusterThat({ 'get nodes': { stdout: '{"items": []}' } }),
    grow,
    provide: (images: readonly string[]) => {
      provided.push(images);
      return Promise.resolve();
    },
  };
  const suites = [
    suite('drained', { nodes: 2, images: ['user'] }),
    suite('served', { images: ['redis:5.0'] }),
  ];
  const options = {
    print: (line: string) => printed.push(line),
    signal: new AbortController().signal,
  };
  const results = await runEach(suites, session, options, ({ name }) =>
    Promise.resolve([
      { suite: name, check: 'c', how: 'h', outcome: 'passed', figure: '1', seconds: 1 },
    ]),
  );
  const reason = 'needs 2 nodes, and this cluster has 0 that take Pods';
  expect(results).toEqual([
    {
      suite: 'drained',
      check: 'it answers',
      how: 'by asking',
      outcome: 'not run',
      figure: reason,
      seconds: 0,
    },
    expect.objectContaining({ suite: 'served', outcome: 'passed' }),
  ]);
  expect(provided).toEqual([['redis:5.0']]);
  expect(printed.join('\n')).toContain(reason);
});

it('runs no further suite once it is aborted', async () => {
  const session = { cluster: clusterThat({}), grow, provide: () => Promise.resolve() };
  const options = { print: () => undefined, signal: AbortSignal.abort(new Error('enough')) };
  const run = runEach([suite('one', {})], session, options, () => Promise.resolve([]));
  await expect(run).rejects.toThrow('enough');
});
