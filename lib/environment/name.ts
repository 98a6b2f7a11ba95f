import type { FieldError } from '../app/validation';

/** Leaves room for what is put behind a name, such as the hash of a ConfigMap, in the 63 characters of a label. */
const LONGEST = 40;

/** The name of an object and of what belongs to it. Services are the strictest: RFC 1035 labels, of at most 40 here. */
export function validateName(field: string, value: unknown): FieldError[] {
  if (
    typeof value === 'string' &&
    value.length <= LONGEST &&
    /^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(value)
  )
    return [];
  return [
    {
      field,
      rule: `must be 1 to ${LONGEST} lower-case letters, digits or "-", beginning with a letter and ending with a letter or digit`,
      received: value,
      fix: 'use a name such as "user"',
    },
  ];
}

/** A host name as routes and clients take it: https://www.rfc-editor.org/rfc/rfc1123#section-2 */
export function validateHost(field: string, value: unknown): FieldError[] {
  if (
    typeof value === 'string' &&
    value.length <= 253 &&
    /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$/.test(value) &&
    !/^[0-9.]+$/.test(value)
  )
    return [];
  return [
    {
      field,
      rule: 'must be a host name of lower-case letters, digits, "-" and ".", without scheme, port or path',
      received: value,
      fix: 'use a name such as "user.example.com"',
    },
  ];
}

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
export function validatePort(field: string, value: unknown, least = 1): FieldError[] {
  if (Number.isInteger(value) && Number(value) >= least && Number(value) <= 65535) return [];
  return [
    {
      field,
      rule: `must be an integer from ${least} to 65535`,
      received: value,
      fix: 'use a port such as 8080',
    },
  ];
}
