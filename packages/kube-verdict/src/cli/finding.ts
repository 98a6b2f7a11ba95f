import type { Position } from '../reading/position';
import type { Identity } from '../verdict/identity';
import type { ApplyJudgement } from '../verdict/judgement';

/** What became of an object, as `diff` says it. */
export type Action =
  | 'created'
  | 'unchanged'
  | 'updated'
  | 'rolled out'
  | 'left behind'
  /** It is no more given, and could not have been applied before: there is nothing to remove. */
  | 'never applied'
  | 'refused'
  /** Of an object that is not judged. */
  | 'changed';

/** Of what only OLD has. */
export const NOT_GIVEN: ReadonlySet<Action> = new Set(['left behind', 'never applied']);

/** What became of one object. */
export interface Finding {
  readonly file: string;
  /** Counted from 0 among the objects of the file. */
  readonly index: number;
  readonly identity: Identity;
  readonly judgement: ApplyJudgement;
  /** Whether a kustomization makes the whole object of it. Undefined of a diff. */
  readonly ofKustomization?: boolean;
  /** Whether objects of its kind are judged. */
  readonly isKnown: boolean;
  /** Undefined of a check. */
  readonly action?: Action;
  /** What is said beside the API server's own warnings. */
  readonly remarks: readonly string[];
  placeOf(field: string, message?: string): Position;
}
