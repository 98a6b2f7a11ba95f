import type { FieldChange } from '../verdict/judgement';
import { cut, cutAlike, written } from './written';

/** `spec.replicas: 3 → 5`, `metadata.labels[tier]: added front`; long values are cut. */
export function describeFieldChange(change: FieldChange): string {
  const { field, old, new: next, hidden } = change;
  if (hidden !== undefined) return `${field}: ${hidden}`;
  if (old === undefined) return `${field}: added ${cut(written(next))}`;
  if (next === undefined) return `${field}: removed ${cut(written(old))}`;
  const [before, after] = cutAlike(written(old), written(next));
  return `${field}: ${before} → ${after}`;
}
