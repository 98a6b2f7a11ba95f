/** What annotations tell Flux' kustomize-controller: https://fluxcd.io/flux/components/kustomize/kustomizations/#controlling-the-apply-behavior-of-resources */
import type { FieldError } from './plan-types';
import { textAt } from './read';

const GROUP = 'kustomize.toolkit.fluxcd.io';

const UNREADABLE = new Set(['FieldValueUnknown', 'FieldValueTypeInvalid']);

export const FORCE = `${GROUP}/force: enabled`;

/** Whether Flux leaves the object when it goes from the set. */
export function isUnpruned(object: unknown): boolean {
  return textAt(object, 'metadata', 'annotations', `${GROUP}/prune`).toLowerCase() === 'disabled';
}

/**
 * Whether Flux deletes the object where its update is refused, and creates it anew. It does not ask what is immutable:
 * whatever is invalid (422) counts as that, as github.com/fluxcd/pkg/ssa has it (IsImmutableError, shouldForceApply).
 * A manifest that cannot be read, for an unknown field or a value of another type, is not invalid but a bad request.
 */
export function isReplaced(old: unknown, now: unknown, errors: readonly FieldError[]): boolean {
  const isForced = [old, now].some((object) =>
    ['labels', 'annotations'].some(
      (where) => textAt(object, 'metadata', where, `${GROUP}/force`).toLowerCase() === 'enabled',
    ),
  );
  return (
    isForced && errors.some(({ type }) => type.startsWith('FieldValue') && !UNREADABLE.has(type))
  );
}
