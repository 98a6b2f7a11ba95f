/** What a tool has to say against an object. */
export interface Finding {
  readonly tool: string;
  /** The tool's own name of its check. */
  readonly check: string;
  /** `production/StatefulSet/mysql` */
  readonly object: string;
  readonly message: string;
}

/** Findings that are accepted: of one check of one tool, against these objects. */
export interface Exception {
  readonly tool: string;
  readonly check: string;
  /** As in {@link Finding}; `*` stands for the environment. */
  readonly objects: readonly string[];
  readonly reason: string;
}

/** Findings that no exception names, and exceptions that nothing raises any more: both are wrong. */
export interface Audit {
  readonly unexpected: readonly Finding[];
  readonly unneeded: readonly { readonly exception: Exception; readonly object: string }[];
}

/**
 * Holds what tools say against the exceptions.
 *
 * @param ran the tools that said it: exceptions of others are not held against it
 */
export function audit(
  findings: readonly Finding[],
  exceptions: readonly Exception[],
  ran: readonly string[],
): Audit {
  const isExcepted = (finding: Finding, { tool, check, objects }: Exception) =>
    finding.tool === tool &&
    finding.check === check &&
    objects.some((object) => covers(object, finding.object));
  return {
    unexpected: findings.filter(
      (finding) => !exceptions.some((exception) => isExcepted(finding, exception)),
    ),
    unneeded: exceptions
      .filter(({ tool }) => ran.includes(tool))
      .flatMap((exception) =>
        exception.objects
          .filter(
            (object) =>
              !findings.some((finding) => isExcepted(finding, { ...exception, objects: [object] })),
          )
          .map((object) => ({ exception, object })),
      ),
  };
}

function covers(object: string, found: string): boolean {
  return object === found || (object.startsWith('*/') && found.endsWith(object.slice(1)));
}
