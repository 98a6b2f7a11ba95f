/** Where the two differ and must: each names a field and why. They are counted, and stay under 0.5 %. */
import type { Answer } from './answer';
import type { JsonObject } from './json';

export interface KnownDifference {
  readonly field: string;
  readonly reason: string;
  readonly matches: (next: JsonObject, verdict: Answer, server: Answer) => boolean;
}

/** Of all cases of a check. */
export const KNOWN_SHARE = 0.005;

const TAKEN = 'whether another Service has the port is known to the cluster alone';

export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  {
    field: 'spec.successPolicy',
    reason:
      'of a Job without completions the API server panics (500, or it closes the connection), and verdict says that it is not judged',
    matches: ({ kind }, verdict, server) =>
      (kind === 'Job' || kind === 'CronJob') &&
      verdict.accepted === null &&
      // As a client sees it that has spoken HTTP/1, and kubectl, which speaks HTTP/2.
      /^(?:500|0) |stream error: .*INTERNAL_ERROR/s.test(server.said),
  },
  {
    field: 'spec.healthCheckNodePort',
    reason: TAKEN,
    matches: ({ kind }, _verdict, server) =>
      kind === 'Service' &&
      server.said.includes('failed to allocate requested HealthCheck NodePort'),
  },
  {
    field: 'spec.ports[*].nodePort',
    reason: TAKEN,
    matches: ({ kind }, _verdict, server) =>
      kind === 'Service' &&
      /spec\.ports\[\d+\]\.nodePort: Invalid value: \d+: provided port is already allocated/.test(
        server.said,
      ),
  },
  {
    field: 'spec.healthCheckNodePort and spec.ports[*].nodePort',
    reason:
      'in a dry run the API server does not hold ports to its range, and goes on to validate; verdict says what a create ends with',
    matches: ({ kind }, verdict) =>
      kind === 'Service' &&
      verdict.accepted === false &&
      verdict.said.includes('provided port is not in the valid range'),
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
  verdict: Answer,
  server: Answer,
): KnownDifference | undefined {
  return KNOWN_DIFFERENCES.find(({ matches }) => matches(next, verdict, server));
}
