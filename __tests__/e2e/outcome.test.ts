import type { LoadRequest } from '../../e2e/system/load';
import {
  describe as say,
  expectNothingLost,
  expectUnharmed,
  type Outcome,
} from '../../e2e/system/outcome';

const answered: LoadRequest = { at: 1, ms: 40, path: '/login', status: 200 };

function outcomeOf(
  requests: readonly Partial<LoadRequest>[],
  lost: readonly string[] = [],
): Outcome {
  return {
    rate: 10,
    began: 0,
    ended: 2_000,
    requests: requests.map((request) => ({ ...answered, ...request })),
    lost,
    accounts: 3,
  };
}

it.each([
  { status: 0, error: 'connection refused' },
  { status: 500 },
  { status: 503, retryAfter: true as const },
  { status: 429 },
])('a request that ends with $status has failed', (request) => {
  expect(() => {
    expectUnharmed(outcomeOf([{}, request]));
  }).toThrow('1 failed');
  expect(() => {
    expectUnharmed(outcomeOf([{}, {}]));
  }).not.toThrow();
});

it('a lost account fails an event of which no request failed', () => {
  expect(() => {
    expectUnharmed(outcomeOf([{}], ['a@example.com']));
  }).toThrow('1 of 3 accounts lost');
});

it('an answer that denies an account to its owner is not taken for an answer', () => {
  expect(() => {
    expectNothingLost(outcomeOf([{ status: 401 }]));
  }).toThrow('1 status 401');
});

it('says failures by kind, the slowest and how long it took', () => {
  const requests = [{}, { ms: 900 }, { status: 0, error: 'connection refused' }, { status: 503 }];
  expect(say(outcomeOf(requests))).toBe(
    '4 requests at 10/s, 2 failed (1 connection refused on a kept connection, 1 status 503; ' +
      'due 0.0 to 0.0 s after it began), 0 of 3 accounts lost, p99 900 ms, slowest 900 ms, took 2.0 s',
  );
});
