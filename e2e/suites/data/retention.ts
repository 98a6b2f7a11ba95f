/** What a policy keeps of backups, worked out apart from restic. */
import type { Retention } from '../../../lib';

const DAY = 24 * 3600_000;

/**
 * Of each of the last so many days, weeks (of ISO 8601) and months that have one, the last; and the last of all.
 *
 * @param times of all backups, in any order. @returns those that are kept, the latest first.
 */
export function kept(times: readonly Date[], { daily, weekly, monthly }: Retention): Date[] {
  const latestFirst = [...times].sort((a, b) => b.getTime() - a.getTime());
  const lastOfEach = (period: (time: Date) => string, count: number): Date[] => {
    const last = new Map<string, Date>();
    for (const time of latestFirst) if (!last.has(period(time))) last.set(period(time), time);
    return [...last.values()].slice(0, count);
  };
  const chosen = new Set([
    ...latestFirst.slice(0, 1),
    ...lastOfEach((time) => time.toISOString().slice(0, 10), daily),
    ...lastOfEach((time) => mondayOf(time), weekly),
    ...lastOfEach((time) => time.toISOString().slice(0, 7), monthly),
  ]);
  return latestFirst.filter((time) => chosen.has(time));
}

/** A week begins on Monday. */
function mondayOf(time: Date): string {
  const sinceMonday = (time.getUTCDay() + 6) % 7;
  return new Date(time.getTime() - sinceMonday * DAY).toISOString().slice(0, 10);
}

/** One backup each night for two weeks, each week for another two months, and each month for another year. */
export function nights(today: Date): Date[] {
  const ages = [
    ...range(1, 14),
    ...range(1, 8).map((week) => 14 + 7 * week),
    ...range(1, 12).map((month) => 70 + 30 * month),
  ];
  return ages.map((age) => new Date(today.getTime() - age * DAY));
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
