import * as fc from 'fast-check';
import { loadVerdict, type Verdict } from 'kube-verdict';
import { batches, fieldsIn } from '../../e2e/suites/parity/client-side';
import { shrink, Tally, type Judges } from '../../e2e/suites/parity/compare';
import { byType, corpus, CLUSTER_KNOWLEDGE, type Base } from '../../e2e/suites/parity/corpus';
import { cases, ofKinds } from '../../e2e/suites/parity/context';
import { places, valueAt } from '../../e2e/suites/parity/json';
import { applyMutations, edits, type Case } from '../../e2e/suites/parity/mutations';
import { difference, type Answer } from '../../e2e/suites/parity/answer';
import { CASES, SHARES } from '../../e2e/suites/parity/suite';

let verdict: Verdict;
let bases: Map<string, Base[]>;
const parity = () => ({ bases, namespace: 'here', verdict, server: undefined as never });

beforeAll(async () => {
  verdict = await loadVerdict();
  bases = byType(corpus(verdict, 'here'), verdict);
});
afterAll(() => verdict.close());

const yes: Answer = { accepted: true, said: '' };
const no: Answer = { accepted: false, fields: ['spec.a'], said: '' };

it('begins with a manifest of each kind that verdict accepts', async () => {
  expect(bases.size).toBe(verdict.kinds.length);
  for (const base of [...bases.values()].flat()) {
    expect(await verdict.create(base.manifest)).toMatchObject({ accepted: true });
  }
});

it('makes as many cases of each kind, and the same ones of the same seed', () => {
  const made = cases(parity(), { count: 10 * bases.size, seed: 7, update: false });
  expect(made).toEqual(cases(parity(), { count: 10 * bases.size, seed: 7, update: false }));
  for (const type of bases.keys()) {
    expect(made.filter(({ base }) => base.type === type)).toHaveLength(10);
  }
});

it('makes cases of the kinds that are asked for alone', () => {
  const chosen = ofKinds(bases, ['Lease', 'Event']);
  expect([...chosen.keys()].sort()).toEqual([
    'coordination.k8s.io/v1 Lease',
    'events.k8s.io/v1 Event',
    'v1 Event',
  ]);
  expect(() => ofKinds(bases, ['Leese'])).toThrow('no kind Leese is judged');
});

it('never takes away the scheduler that does not exist, nor edits what only the cluster knows', () => {
  const deployment = bases.get('apps/v1 Deployment')?.[0];
  if (deployment === undefined) throw new Error('no Deployment');
  fc.assert(
    fc.property(edits(deployment), (mutation) => {
      const next = applyMutations({ base: deployment, mutations: [mutation], live: false });
      const schedulers = places(next).filter(({ path }) => path.at(-1) === 'schedulerName');
      expect(schedulers.map(({ value }) => value)).toEqual(['no-such-scheduler']);
      expect(mutation.path.some((key) => CLUSTER_KNOWLEDGE.has(String(key)))).toBe(false);
    }),
  );
});

it('notices another yes or no, other fields, and another change', () => {
  expect(difference(no, no)).toBeUndefined();
  expect(difference(yes, no)).toContain('accepted');
  expect(difference({ ...no, fields: ['spec.b'] }, no)).toContain('spec.b');
  expect(difference({ ...yes, changes: false }, { ...yes, changes: true })).toContain('changes');
});

describe('a case that differs', () => {
  const culprit = { path: ['metadata', 'labels'], value: 'x' };
  const harmless = { path: ['metadata', 'annotations'], value: { a: 'b' } };
  const judges = (update: boolean): Judges => ({
    name: 'cases',
    what: 'a case',
    update,
    ask: (_subject, next) =>
      Promise.resolve({
        verdict: valueAt(next, culprit.path) === culprit.value ? no : yes,
        server: yes,
      }),
  });
  const subject = (): Case => {
    const base = bases.get('v1 ConfigMap')?.[0];
    if (base === undefined) throw new Error('no ConfigMap');
    return { base, mutations: [harmless, culprit, harmless], live: false };
  };

  it('is shrunk to the mutation that makes it differ', async () => {
    expect((await shrink(subject(), judges(true))).mutations).toEqual([culprit]);
  });

  it('is shrunk to the fields that make it differ, where it is a new object', async () => {
    expect(applyMutations(await shrink(subject(), judges(false)))).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { labels: 'x' },
    });
  });

  it('is counted as no agreement', async () => {
    const tally = new Tally();
    const asked = judges(true);
    const answers = await asked.ask(subject(), applyMutations(subject()));
    tally.count(subject(), answers, asked);
    expect(tally.toString()).toContain('100 % accepted, 0 refused by field, 0 % agree');
  });
});

it('has by default at least 100 cases of each kind in each comparison of kinds', () => {
  for (const share of [SHARES.creates, SHARES.serverSide, SHARES.clientSide]) {
    expect((CASES * share) / bases.size).toBeGreaterThanOrEqual(100);
  }
});

it('gives kubectl each object once at a time', () => {
  const made = cases(parity(), { count: 10 * bases.size, seed: 3, update: true });
  const grouped = batches(made.map((subject) => ({ subject })));
  expect(grouped.flat()).toHaveLength(made.length);
  for (const batch of grouped) {
    expect(new Set(batch.map(({ subject }) => subject.base.name)).size).toBe(batch.length);
  }
});

describe('what kubectl says', () => {
  it('names one field in a line', () => {
    const said = 'The Service "a" is invalid: spec.ports[0].port: Invalid value: 0: must be\n';
    expect(fieldsIn(said, 'a')).toEqual(['spec.ports[0].port']);
  });

  it('names several in a list, of each object its own', () => {
    const said =
      'The Job "a" is invalid: \n* spec.b: Required value\n@@ -1 +1 @@\n-  a\n\n* spec.a: Forbidden: no\n' +
      'The Job "b" is invalid: spec.c: Required value\n';
    expect(fieldsIn(said, 'a')).toEqual(['spec.a', 'spec.b']);
    expect(fieldsIn(said, 'b')).toEqual(['spec.c']);
    expect(fieldsIn(said, 'c')).toBeUndefined();
  });
});
