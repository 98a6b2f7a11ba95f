import type { LostField } from '../verdict/judgement';

/** What becomes of a field that an apply loses, or leaves, without a word. */
export function describeLostField(
  { field, what, otherwise }: LostField,
  serverSide: boolean,
): string {
  const lost =
    what === 'missing'
      ? 'the object will not have it as it is here: the apply merges it with what was there'
      : 'stays in the object, though it was taken out of the manifest';
  const other = serverSide ? 'kubectl apply without --server-side' : 'kubectl apply --server-side';
  const outcome = {
    kept: what === 'missing' ? `; ${other} keeps it` : `; ${other} takes it away`,
    lost: `; ${other} does the same`,
    refused: `; ${other} refuses the manifest`,
  };
  return `${field}: ${lost}${otherwise === undefined ? '' : outcome[otherwise]}`;
}
