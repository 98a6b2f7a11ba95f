import type { FieldError } from '../app/validation';
import { secretIn } from './detector';

const NAME =
  /(^|_)(PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|CREDENTIALS?|(API|ACCESS|PRIVATE|SECRET|SIGNING)_?KEY)(_ID)?$/i;

/**
 * Finds a secret that was written out where everybody can read it. The value is never repeated in the message.
 *
 * @param name of the variable, entry or flag; one that ends with `_FILE` names a file, which is as it should be
 */
export function validateNoSecret(field: string, name: string, value: string): FieldError[] {
  if (value === '') return [];
  const what = secretIn(value, name) ?? (NAME.test(name) ? `a value of ${name}` : undefined);
  if (what === undefined) return [];
  return [
    {
      field,
      rule: 'must hold no secret: manifests are in Git',
      received: `${value.length} characters that look like ${what}`,
      fix: 'give it by a Secret, through "uses" or "secrets"',
    },
  ];
}
