import type { Construct } from 'constructs';

/** One value that a construct does not accept. */
export interface FieldError {
  /** The prop or field, as a path: `template.containers[0].ports[1]`. */
  readonly field: string;
  /** What holds for every accepted value: `must be an integer of 0 or more`. */
  readonly rule: string;
  /** The value that was given. */
  readonly received: unknown;
  /** What to do about it, as an imperative: `set it to 0 or more`. */
  readonly fix: string;
}

/** An app cannot be synthesized: all that is wrong with it, with constructs in it or with its inputs. */
export class ValidationError extends Error {
  override readonly name = 'ValidationError';

  /** @param errors a line for each: `[construct path] field: rule; received value; fix` */
  constructor(readonly errors: readonly string[]) {
    const count = `${errors.length} validation ${errors.length === 1 ? 'error' : 'errors'}`;
    super(`${count}, nothing written:\n${errors.map((line) => `  ${line}`).join('\n')}`);
  }
}

/** `replicas: must be an integer of 0 or more; received -1; set it to 0 or more`. */
export function describeFieldError({ field, rule, received, fix }: FieldError): string {
  // JSON.stringify leaves out what it has no word for: undefined, functions, NaN.
  const json = JSON.stringify(received) as string | undefined;
  const value = typeof received === 'number' || json === undefined ? String(received) : json;
  return `${field}: ${rule}; received ${value}; ${fix}`;
}

/**
 * Makes synthesis of the app fail while `validate` finds anything. Nothing is thrown before: all errors of an app are
 * reported together, each with the path of its construct.
 */
export function addValidation(construct: Construct, validate: () => readonly FieldError[]): void {
  construct.node.addValidation({ validate: () => validate().map(describeFieldError) });
}
