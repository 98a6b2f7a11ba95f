import type { FieldError } from '../app/validation';
import { integer, type Rule, rule, text } from '../app/rules';

/**
 * The name of an object and of what belongs to it. Services are the strictest: RFC 1035 labels. What is put around it,
 * at most `secret-` and `-backup-repository`, has to fit in the 63 characters of a label too.
 */
export const validateName = name(38);

/** The name of a Secret, which a volume has with `secret-` in front. */
export const validateSecretName = name(56);

function name(longest: number): Rule {
  const pattern = text(
    new RegExp(`^(?=.{1,${longest}}$)[a-z]([-a-z0-9]*[a-z0-9])?$`),
    `be 1 to ${longest} lower-case letters, digits or "-", beginning with a letter and ending with a letter or digit`,
    'use a name such as "user"',
  );
  return (field, value) =>
    // The tree of constructs looks its children up in an object, which has this one from the start.
    value === 'constructor'
      ? [{ field, rule: 'must be another name', received: value, fix: 'use one such as "builder"' }]
      : pattern(field, value);
}

/** The name of a namespace that is not made here: https://www.rfc-editor.org/rfc/rfc1123#section-2 */
export const validateNamespace = text(
  /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/,
  'be 1 to 63 lower-case letters, digits or "-", beginning and ending with a letter or digit',
  'use a name such as "gateway"',
);

/** The name of what is not made here either, such as a storage class. */
export const validateObjectName = text(
  /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
  'be 1 to 253 lower-case letters, digits, "-" or ".", beginning and ending with a letter or digit',
  'use a name such as "fast"',
);

/** A host name as routes and clients take it: https://www.rfc-editor.org/rfc/rfc1123#section-2 */
export const validateHost = rule(
  (value) =>
    typeof value === 'string' &&
    value.length <= 253 &&
    /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$/.test(value) &&
    // A last part of digits alone makes it an address to some.
    !/(^|\.)[0-9]+$/.test(value),
  'be a host name of lower-case letters, digits, "-" and ".", without scheme, port or path',
  'use a name such as "user.example.com"',
);

const OCTET = '(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])';
const IPV4 = new RegExp(`^${OCTET}(\\.${OCTET}){3}$`);

/** Where a server is that clients here call: a host name, or an IPv4 address. */
export function validateServer(field: string, value: unknown): FieldError[] {
  if (typeof value === 'string' && IPV4.test(value)) return [];
  return validateHost(field, value).map((error) => ({
    ...error,
    rule: error.rule.replace('must be a host name', 'must be an IPv4 address or a host name'),
    fix: 'use one such as "db.example.com" or "10.0.0.5"',
  }));
}

/** A TCP port. */
export const validatePort = port(1);

export function port(least: number) {
  return integer(least, 65535, 'use a port such as 8080');
}
