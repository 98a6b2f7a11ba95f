import type { InputError } from '../reading/input-error';
import type { FieldError } from '../verdict/judgement';
import type { Finding } from './finding';

/** A finding as `-o json` has it. */
export function jsonOf(finding: Finding): object {
  const { file, index, identity, judgement, action, remarks } = finding;
  const { accepted, errors, podErrors, warnings, change } = judgement;
  const placed = (error: FieldError) => ({
    ...error,
    ...finding.placeOf(error.immutable?.changes[0]?.field ?? error.field, error.message),
  });
  return {
    file,
    ...finding.placeOf(''),
    index,
    ...identity,
    ...(action === undefined
      ? {}
      : {
          action,
          fields: change?.fields ?? [],
          changes: change?.changes ?? [],
          ...(change?.waits === undefined ? {} : { waits: change.waits }),
          ...(change?.lost === undefined ? {} : { lost: change.lost }),
        }),
    accepted,
    errors: errors.map(placed),
    podErrors: podErrors.map(placed),
    warnings: [...warnings, ...remarks],
  };
}

/** Input that no object could be read from. */
export function jsonOfUnreadable({ file, position, message }: InputError): object {
  return { file, ...position, unreadable: message };
}
