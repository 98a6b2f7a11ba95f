import type { FieldError } from '../verdict/judgement';
import { describeFieldChange } from './describe-field-change';

/** Before a mistake that Pod Security finds in the template of Pods: the object itself is accepted. */
export const PODS_REFUSED = 'its Pods are refused: ';

/** The mistake with its field, and of a field that may not change, what changes and the way out. */
export function describeFieldError({ field, message, immutable }: FieldError): string {
  // Messages of strict decoding name the field themselves.
  const said = field === '' || message.includes(`"${field}"`) ? message : `${field}: ${message}`;
  if (immutable === undefined) return said;
  const changes = immutable.changes.map(describeFieldChange).join(', ');
  return `${said} (${changes}); ${immutable.fix}`;
}
