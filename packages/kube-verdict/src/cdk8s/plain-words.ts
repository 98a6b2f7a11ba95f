import type { FieldError } from '../verdict/judgement';
import { describeIdentity as identityText, type Identity } from '../verdict/identity';
import { describeFieldError as errorText } from '../words/describe-field-error';
import { plain } from '../words/printable';

/** An object by its kind and name, in one line whatever they are. */
export function describeIdentity(identity: Identity): string {
  return plain(identityText(identity));
}

/** A mistake with its field, in one line whatever it quotes. */
export function describeFieldError(error: FieldError): string {
  return plain(errorText(error));
}
