import { record, type Rule, text } from '../app/rules';
import type { FieldError } from '../app/validation';
import { validateNoSecret } from '../secrets/literal';

export const validateVariableName = text(
  /^[A-Za-z_][A-Za-z0-9_]*$/,
  'be named by letters, digits and "_", not beginning with a digit',
  'use a name such as LOG_LEVEL',
);

/** Environment variables that come from a ConfigMap: the kubelet leaves out, in silence, what has another name. */
export const validateVariables: Rule = record((field, name, value) => {
  const errors = validateVariableName(field, name);
  if (errors.length > 0) return errors.map((error) => ({ ...error, received: name }));
  if (typeof value !== 'string')
    return [{ field, rule: 'must be a string', received: value, fix: 'put it in quotes' }];
  return validateNoSecret(field, name, value);
});

/** Variables, and the field that gives them. */
export interface Giver {
  readonly field: (name: string) => string;
  readonly variables: Readonly<Record<string, string>>;
}

/** A variable that is given twice would hold what the last one says, in silence. */
export function validateGivenOnce(...givers: readonly Giver[]): FieldError[] {
  const known = new Map<string, string>();
  return givers.flatMap(({ field, variables }) =>
    Object.entries(variables).flatMap(([name, value]): FieldError[] => {
      const first = known.get(name);
      if (first === undefined) {
        known.set(name, field(name));
        return [];
      }
      return [
        {
          field: field(name),
          rule: `must not give ${name}, which ${first} gives already`,
          received: value,
          fix: 'leave one of them out',
        },
      ];
    }),
  );
}
