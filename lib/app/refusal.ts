import type { Construct } from 'constructs';

/** Why a construct does not accept a value. */
export interface Refusal {
  /** The prop or field, as a path: `template.containers[0].ports[1]`. */
  readonly field: string;
  /** What holds for every accepted value: `must be an integer of 0 or more`. */
  readonly rule: string;
  /** The value that was given. */
  readonly received: unknown;
  /** What to do about it, as an imperative: `set it to 0 or more`. */
  readonly mend: string;
}

/** `replicas: must be an integer of 0 or more; received -1; set it to 0 or more`. */
export function describeRefusal({ field, rule, received, mend }: Refusal): string {
  // JSON.stringify leaves out what it has no word for: undefined, functions, NaN.
  const json = JSON.stringify(received) as string | undefined;
  const value = typeof received === 'number' || json === undefined ? String(received) : json;
  return `${field}: ${rule}; received ${value}; ${mend}`;
}

/**
 * Makes synthesis of the app fail while `check` finds anything. Nothing is thrown before: all refusals of an app are
 * reported together, each with the path of its construct.
 */
export function refuseWhen(construct: Construct, check: () => readonly Refusal[]): void {
  construct.node.addValidation({ validate: () => check().map(describeRefusal) });
}
