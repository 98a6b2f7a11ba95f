import type { FieldError } from '../app/validation';

const NAME =
  /(^|_)(PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|CREDENTIALS?|(API|ACCESS|PRIVATE|SECRET|SIGNING)_?KEY)(_ID)?$/i;
const VALUE = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  /[a-z][a-z0-9+.-]*:\/\/[^\s/:@]+:[^\s/@]+@/i, // user:password@ of a URL
  /\b(AKIA|ASIA)[A-Z0-9]{16}\b/, // AWS
  /\bgh[pousr]_[A-Za-z0-9]{36}\b/, // GitHub
  /\bxox[abprs]-[A-Za-z0-9-]{10,}/, // Slack
  /\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\./, // JSON Web Token
];

/**
 * Finds a secret that was written out where everybody can read it. The value is never repeated in the message.
 *
 * @param name of the variable; one that ends with `_FILE` names a file, which is as it should be
 */
export function validateNoSecret(field: string, name: string, value: string): FieldError[] {
  if (value === '' || (!NAME.test(name) && !VALUE.some((pattern) => pattern.test(value))))
    return [];
  return [
    {
      field,
      rule: 'must hold no secret: manifests are in Git',
      received: `${value.length} characters that look like one`,
      fix: 'give it by a Secret, through "uses" or "secrets"',
    },
  ];
}
