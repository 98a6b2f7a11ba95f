/** Where the two differ and must: each names a field and why. They are counted, and stay under 0.5 %. */
import type { Opinion } from './opinion';
import type { JsonObject } from './json';

export interface KnownDifference {
  readonly field: string;
  readonly reason: string;
  readonly matches: (next: JsonObject, verdict: Opinion, server: Opinion) => boolean;
}

/** Of all cases of a claim. */
export const KNOWN_SHARE = 0.005;

export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  {
    field: 'spec.successPolicy',
    reason:
      'of a Job without completions the API server panics (500, or it closes the connection), and verdict says that it is not judged',
    matches: ({ kind }, verdict, server) =>
      (kind === 'Job' || kind === 'CronJob') &&
      verdict.accepted === null &&
      /^(?:500|0) /.test(server.said),
  },
  {
    field: 'spec.resources.requests.storage',
    reason:
      'verdict takes a PersistentVolumeClaim that was applied for bound, and so for one that may grow; the claims here have no Pod and are not',
    matches: ({ kind }, _verdict, server) =>
      kind === 'PersistentVolumeClaim' && server.said.includes('immutable after creation except'),
  },
  {
    field: 'spec.template.spec.containers[*].name',
    reason:
      "of a merge key that is no scalar kubectl's own merge panics, and verdict says that it is not judged",
    matches: (_next, verdict, server) =>
      verdict.accepted === null && server.said.startsWith('panic: runtime error: comparing'),
  },
];

export function knownDifference(
  next: JsonObject,
  verdict: Opinion,
  server: Opinion,
): KnownDifference | undefined {
  return KNOWN_DIFFERENCES.find(({ matches }) => matches(next, verdict, server));
}
