/** A part of the suites that changes with each commit, so that in time all of them are run. */
import { createHash } from 'node:crypto';
import type { Suite } from './check';

/** Of each suite one check, drawn by a text: the same text draws the same. */
export function sample(suites: readonly Suite[], text: string): Suite[] {
  return suites.map((suite) => {
    const checks = suite.fixtures.flatMap((fixture) =>
      fixture.checks.map((check) => ({ ...fixture, checks: [check] })),
    );
    const digest = createHash('sha256').update(`${text} ${suite.name}`).digest();
    const drawn = digest.readUInt32BE() % checks.length;
    return { ...suite, fixtures: checks.slice(drawn, drawn + 1) };
  });
}
