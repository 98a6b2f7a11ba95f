import { checkArgument, isObject, rule } from '../rule';
import type { FieldError } from '../verdict/judgement';
import { describeIdentity as identityText, type Identity } from '../verdict/identity';
import { describeFieldError as errorText } from '../words/describe-field-error';
import { plain } from '../words/printable';

const IDENTITY = rule('the identity of an object: { apiVersion, kind, namespace, name }', (value) =>
  hasTexts(value, 'kind', 'name'),
);
const FIELD_ERROR = rule('a mistake of a judgement: { field, type, message }', (value) =>
  hasTexts(value, 'field', 'message'),
);

/** An object by its kind and name, in one line whatever they are. */
export function describeIdentity(identity: Identity): string {
  checkArgument('identity', IDENTITY, identity);
  return plain(identityText(identity));
}

/** A mistake with its field, in one line whatever it quotes. */
export function describeFieldError(error: FieldError): string {
  checkArgument('error', FIELD_ERROR, error);
  return plain(errorText(error));
}

function hasTexts(value: unknown, ...names: readonly string[]): boolean {
  return isObject(value) && names.every((name) => typeof Reflect.get(value, name) === 'string');
}
