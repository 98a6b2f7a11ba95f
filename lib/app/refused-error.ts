import { describeRefusal, type Refusal } from './refusal';

/** An app cannot be synthesized: all that it, constructs in it or its inputs refuse. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';

  /** @param refusals a line for each: `[construct path] field: rule; received value; mend` */
  constructor(readonly refusals: readonly string[]) {
    super(
      `${String(refusals.length)} refused, nothing written:\n${refusals.map((line) => `  ${line}`).join('\n')}`,
    );
  }

  /** @param where what the refusals are about: a construct path, a file */
  static in(where: string, refusals: readonly Refusal[]): RefusedError {
    return new RefusedError(refusals.map((refusal) => `[${where}] ${describeRefusal(refusal)}`));
  }
}
