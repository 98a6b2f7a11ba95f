import fc from 'fast-check';
import { kept, nights } from '../../e2e/suites/data/retention';

const at = (text: string) => new Date(`${text}Z`);
const days = (times: readonly Date[]) => times.map((time) => time.toISOString().slice(0, 10));

it('keeps the last of each day, week and month', () => {
  const times = [
    at('2026-11-26T02:00'), // Thursday
    at('2026-11-26T01:00'),
    at('2026-11-25T02:00'),
    at('2026-11-23T02:00'), // Monday
    at('2026-11-22T02:00'), // Sunday of the week before
    at('2026-10-31T02:00'),
    at('2026-10-30T02:00'),
  ];
  expect(kept(times, { daily: 1, weekly: 0, monthly: 0 })).toEqual([times[0]]);
  expect(days(kept(times, { daily: 2, weekly: 0, monthly: 0 }))).toEqual([
    '2026-11-26',
    '2026-11-25',
  ]);
  expect(days(kept(times, { daily: 0, weekly: 2, monthly: 0 }))).toEqual([
    '2026-11-26',
    '2026-11-22',
  ]);
  expect(days(kept(times, { daily: 0, weekly: 0, monthly: 2 }))).toEqual([
    '2026-11-26',
    '2026-10-31',
  ]);
});

it('keeps the latest, whatever the policy, and what it keeps once it keeps again', () => {
  const count = fc.nat(12);
  fc.assert(
    fc.property(
      fc.array(
        fc.date({ noInvalidDate: true, min: at('2020-01-01T00:00'), max: at('2030-01-01T00:00') }),
        {
          minLength: 1,
        },
      ),
      fc.record({ daily: count, weekly: count, monthly: count }),
      (times, policy) => {
        const once = kept(times, policy);
        expect(once[0]?.getTime()).toBe(Math.max(...times.map((time) => time.getTime())));
        expect(once.length).toBeLessThanOrEqual(1 + policy.daily + policy.weekly + policy.monthly);
        expect(kept(once, policy)).toEqual(once);
      },
    ),
  );
});

it('has more backups of each kind than a policy of 7 days, 5 weeks and 12 months keeps', () => {
  const times = nights(at('2026-11-26T02:00'));
  expect(kept(times, { daily: 7, weekly: 5, monthly: 12 }).length).toBeLessThan(times.length - 8);
  for (const policy of [
    { daily: 8, weekly: 0, monthly: 0 },
    { daily: 0, weekly: 6, monthly: 0 },
    { daily: 0, weekly: 0, monthly: 13 },
  ])
    expect(kept(times, policy).length).toBeGreaterThanOrEqual(
      policy.daily + policy.weekly + policy.monthly,
    );
});
