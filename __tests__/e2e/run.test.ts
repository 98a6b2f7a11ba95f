import { type Check, NotRun, type Requirements, type Suite } from '../../e2e/harness/check';
import { attempt, prepare, runEach, unlessNotRun } from '../../e2e/harness/run';
import { TestContext } from '../../e2e/harness/test-context';
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

it('says why a check is not run whose need the cluster lacks, and prepares nothing for it', async () => {
  let prepared = false;
  const context = new TestContext({
    cluster: clusterThat({}),
    namespace: 'here',
    images: new Map(),
    scratch: '/nowhere',
    timeout: 1,
  });
  const needy: Check = {
    ...check,
    requires: () => Promise.resolve('needs a Sunday'),
    prepare: () => {
      prepared = true;
      return Promise.resolve();
    },
  };
  const tried = await attempt(context, async () => {
    await prepare(needy, context);
    return needy.run(context);
  });
  expect(tried).toMatchObject({ outcome: 'not run', figure: 'needs a Sunday' });
  expect(prepared).toBe(false);
});

it('goes on to the next fixture where one cannot begin on this cluster', async () => {
  const one = suite('one', {});
  const [fixture = { name: 'none', checks: [] }] = one.fixtures;
  const printed: string[] = [];
  const options = { print: (line: string) => printed.push(line) };
  const results = await unlessNotRun(one, fixture, options, () =>
    Promise.reject(new NotRun('needs the namespace gateway')),
  );
  expect(results).toMatchObject([
    { check: 'it answers', outcome: 'not run', figure: 'needs the namespace gateway' },
  ]);
  expect(printed).toEqual(['  –    needs the namespace gateway']);
  const other = unlessNotRun(one, fixture, options, () => Promise.reject(new Error('it broke')));
  await expect(other).rejects.toThrow('it broke');
});
