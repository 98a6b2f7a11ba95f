import type { FieldError } from '../app/validation';
import { validateNoSecret } from '../secrets/literal';

/** Environment variables that come from a ConfigMap: the kubelet leaves out, in silence, what has another name. */
export function validateVariables(
  field: string,
  variables: Readonly<Record<string, string>>,
): FieldError[] {
  return Object.entries(variables).flatMap(([name, value]) => {
    const at = `${field}.${name}`;
    const errors = validateVariableName(at, name);
    if (errors.length > 0) return errors;
    if (typeof value !== 'string')
      return { field: at, rule: 'must be a string', received: value, fix: 'put it in quotes' };
    return validateNoSecret(at, name, value);
  });
}

export function validateVariableName(field: string, name: string): FieldError[] {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return [];
  return [
    {
      field,
      rule: 'must be named by letters, digits and "_", not beginning with a digit',
      received: name,
      fix: 'use a name such as LOG_LEVEL',
    },
  ];
}
