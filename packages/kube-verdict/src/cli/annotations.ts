import type { Position } from '../reading/position';
import { describeIdentity } from '../verdict/identity';
import { describeFieldChange } from '../words/describe-field-change';
import { plain } from '../words/printable';
import type { Finding } from './finding';
import { mistakesOf } from './text-lines';

/**
 * The workflow commands for a finding: mistakes, warnings, and what a reviewer has to know though
 * it is no mistake.
 * https://docs.github.com/actions/reference/workflow-commands-for-github-actions
 */
export function annotationsOf(finding: Finding): string[] {
  const { file, judgement, action, remarks, isKnown } = finding;
  const name = describeIdentity(finding.identity);
  const warnings = judgement.accepted === null && !isKnown ? [] : judgement.warnings;
  const notice = noticeOf(finding);
  const title = action === 'refused' ? `${name} refused` : name;
  return [
    ...mistakesOf(finding).map(({ position, text }) =>
      annotation('error', file, position, title, text),
    ),
    ...[...warnings, ...remarks].map((warning) =>
      annotation('warning', file, finding.placeOf(''), name, warning),
    ),
    ...(notice === undefined
      ? []
      : [annotation('notice', file, finding.placeOf(''), `${name} ${action ?? ''}`, notice)]),
  ];
}

function noticeOf({ action, judgement }: Finding): string | undefined {
  const { changes = [], waits } = judgement.change ?? {};
  const fields = changes.map(describeFieldChange).join('\n');
  if (action === 'rolled out') return fields;
  if (action === 'left behind') return 'kubectl apply leaves it where it is; --prune removes it';
  return waits === undefined ? undefined : `${waits.message}\n${fields}`;
}

export function annotation(
  level: 'error' | 'warning' | 'notice',
  file: string | undefined,
  position: Position | undefined,
  title: string,
  message: string,
): string {
  const place = [
    ...(file === undefined ? [] : [`file=${property(file)}`]),
    ...(position === undefined ? [] : [`line=${position.line}`, `col=${position.column}`]),
    `title=${property(title)}`,
  ];
  return `::${level} ${place.join(',')}::${data(message)}`;
}

/** Line breaks are written as the command has them, and what else is no text as text has it. */
function data(text: string): string {
  return text
    .replaceAll('%', '%25')
    .split(/(\r?\n|\r)/)
    .map((part) => (part === '\n' || part === '\r\n' ? '%0A' : part === '\r' ? '%0D' : plain(part)))
    .join('');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
