import type { Refusal } from '../app/refusal';

/** A lower-case RFC 1123 label of at most 63 characters: containers, Services. */
export function refuseLabelName(field: string, value: unknown): Refusal[] {
  return refuseName(field, value, LABEL, 63, 'an RFC 1123 label', 'redis');
}

/** A lower-case RFC 1123 subdomain of at most 253 characters: most objects, label key prefixes. */
export function refuseSubdomainName(field: string, value: unknown): Refusal[] {
  return refuseName(field, value, SUBDOMAIN, 253, 'an RFC 1123 subdomain', 'user-service');
}

/**
 * Labels as Kubernetes takes them
 * (https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set).
 */
export function refuseLabels(field: string, labels: Readonly<Record<string, unknown>>): Refusal[] {
  return Object.entries(labels).flatMap(([key, value]) => [
    ...refuseLabelKey(`${field}[${JSON.stringify(key)}]`, key),
    ...refuseLabelValue(`${field}[${JSON.stringify(key)}]`, value),
  ]);
}

/** The key of a label: `name` or `prefix/name`. */
export function refuseLabelKey(field: string, key: string): Refusal[] {
  const slash = key.indexOf('/');
  const [prefix, name] = slash < 0 ? [undefined, key] : [key.slice(0, slash), key.slice(slash + 1)];
  const accepted =
    name.length <= 63 &&
    QUALIFIED.test(name) &&
    (prefix === undefined || (prefix.length <= 253 && SUBDOMAIN.test(prefix)));
  if (accepted) return [];
  return [
    {
      field: `${field} key`,
      rule: 'must be a name of 1 to 63 letters, digits, "-", "_" or ".", that begins and ends with a letter or digit, after an optional RFC 1123 subdomain and "/"',
      received: key,
      mend: 'use a key such as "name" or "app.kubernetes.io/name"',
    },
  ];
}

/** The value of a label: a string, possibly empty. */
export function refuseLabelValue(field: string, value: unknown): Refusal[] {
  if (typeof value === 'string' && value.length <= 63 && (value === '' || QUALIFIED.test(value)))
    return [];
  return [
    {
      field,
      rule: 'must be a string of at most 63 letters, digits, "-", "_" or ".", that begins and ends with a letter or digit, or is empty',
      received: value,
      mend:
        typeof value === 'string'
          ? 'shorten it or replace the other characters'
          : 'write it in quotes',
    },
  ];
}

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const QUALIFIED = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;

function refuseName(
  field: string,
  value: unknown,
  pattern: RegExp,
  longest: number,
  what: string,
  example: string,
): Refusal[] {
  if (typeof value === 'string' && value.length <= longest && pattern.test(value)) return [];
  const dots = pattern === SUBDOMAIN ? ', "-" or "."' : ' or "-"';
  return [
    {
      field,
      rule: `must be ${what} of 1 to ${String(longest)} lower-case letters, digits${dots}, that begins and ends with a letter or digit`,
      received: value,
      mend: `use a name such as "${example}"`,
    },
  ];
}
