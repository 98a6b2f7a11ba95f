import type { Position } from '../reading/position';
import { describeIdentity } from '../verdict/identity';
import type { FieldError } from '../verdict/judgement';
import { describeFieldChange } from '../words/describe-field-change';
import { describeFieldError, PODS_REFUSED } from '../words/describe-field-error';
import type { Finding } from './finding';

/** `FILE:LINE:COLUMN` */
export function placeText(file: string, position?: Position): string {
  return position === undefined ? file : `${file}:${position.line}:${position.column}`;
}

/** What a finding says on standard output. */
export function linesOf(finding: Finding): string[] {
  const name = describeIdentity(finding.identity);
  return [
    ...actionLinesOf(finding),
    ...mistakesOf(finding).map(
      ({ position, text }) => `${placeText(finding.file, position)}: ${name}: ${text}`,
    ),
  ];
}

function actionLinesOf({ identity, action, judgement }: Finding): string[] {
  if (action === undefined) return [];
  const { changes = [], waits } = judgement.change ?? {};
  const notJudged = judgement.accepted === null ? ' (not judged)' : '';
  const removal = action === 'left behind' ? ' (removed with --prune)' : '';
  const head = `${describeIdentity(identity)} ${action}${removal}${notJudged}`;
  const lines = changes.map(describeFieldChange);
  if (waits !== undefined) return [`${head}; ${waits.message}`, ...indented(lines)];
  if (lines.length === 0) return [head];
  return lines.length === 1 ? [`${head}: ${lines.join()}`] : [`${head}:`, ...indented(lines)];
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

/** What a finding says on standard error. */
export function warningLinesOf(finding: Finding): string[] {
  const { file, identity, judgement, remarks, isKnown } = finding;
  const warnings = [...judgement.warnings, ...remarks];
  // A place costs more than a judgement.
  if (warnings.length === 0 || (judgement.accepted === null && !isKnown)) return [];
  const place = placeText(file, finding.placeOf(''));
  return warnings.map((warning) => `${place}: ${describeIdentity(identity)}: warning: ${warning}`);
}

export interface Mistake {
  readonly error: FieldError;
  readonly position: Position;
  readonly text: string;
}

/** The mistakes of an object and of its Pods, each with its place. */
export function mistakesOf(finding: Finding): Mistake[] {
  const { errors, podErrors } = finding.judgement;
  const toMistake =
    (prefix: string) =>
    (error: FieldError): Mistake => ({
      error,
      position: finding.placeOf(error.immutable?.changes[0]?.field ?? error.field, error.message),
      text: `${prefix}${describeFieldError(error)}`,
    });
  return [...errors.map(toMistake('')), ...podErrors.map(toMistake(PODS_REFUSED))];
}
