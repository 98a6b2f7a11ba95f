import type { FieldError, Judgement } from '../verdict/judgement';
import { sentence } from '../verdict/describe-field-error';
import { describeIdentity, type Identity } from '../verdict/identity';
import type { Position } from '../yaml/documents';
import type { InputError } from './inputs';

export type Format = 'text' | 'json' | 'github';

export const FORMATS: readonly Format[] = ['text', 'json', 'github'];

/** What became of one object. */
export interface Finding {
  readonly file: string;
  /** Counted from 0 among the objects of the file. */
  readonly index: number;
  readonly identity: Identity;
  readonly judgement: Judgement;
  /** What `diff` says beside the judgement. */
  readonly action?: string;
  readonly fields?: readonly string[];
  position(field: string): Position;
}

/** Prints findings and counts them. */
export class Report {
  accepted = 0;
  refused = 0;
  podsRefused = 0;
  notJudged = 0;
  unreadable = 0;

  constructor(
    readonly format: Format,
    private readonly out: (line: string) => void,
    private readonly err: (line: string) => void,
  ) {}

  /** Input that no object could be read from. */
  broken(error: InputError): void {
    this.unreadable++;
    const { file, position } = error;
    const place = position === undefined ? '' : `:${position.line}:${position.column}`;
    this.err(`${file}${place}: ${error.message}`);
    if (this.format === 'github') {
      this.out(annotation('error', file, position, 'unreadable', error.message));
    }
  }

  finding(finding: Finding): void {
    const { judgement } = finding;
    if (judgement.accepted === null) this.notJudged++;
    else if (!judgement.accepted) this.refused++;
    else if (judgement.podErrors.length > 0) this.podsRefused++;
    else this.accepted++;
    switch (this.format) {
      case 'json':
        this.out(jsonLine(finding));
        break;
      case 'github':
        this.annotate(finding);
        break;
      case 'text':
        this.print(finding);
        break;
    }
  }

  /** 2: something could not be read. 1: something is refused. 0: neither. */
  exitCode(podErrorsCount: boolean): number {
    if (this.unreadable > 0) return 2;
    return this.refused > 0 || (podErrorsCount && this.podsRefused > 0) ? 1 : 0;
  }

  private print(finding: Finding): void {
    const name = describeIdentity(finding.identity);
    if (finding.action !== undefined) {
      const fields = finding.fields?.length ? `: ${finding.fields.join(', ')}` : '';
      this.out(`${name} ${finding.action}${fields}`);
    }
    for (const { error, prefix } of errorsOf(finding.judgement)) {
      this.out(`${placeOf(finding, error)}: ${name}: ${prefix}${sentence(error)}`);
    }
    for (const warning of finding.judgement.warnings) {
      this.err(`${placeOf(finding)}: ${name}: warning: ${warning}`);
    }
  }

  private annotate(finding: Finding): void {
    const { file, judgement } = finding;
    const name = describeIdentity(finding.identity);
    for (const { error, prefix } of errorsOf(judgement)) {
      const text = `${prefix}${sentence(error)}`;
      this.out(annotation('error', file, finding.position(error.field), name, text));
    }
    for (const warning of judgement.warnings) {
      this.out(annotation('warning', file, finding.position(''), name, warning));
    }
  }
}

function errorsOf(judgement: Judgement): { error: FieldError; prefix: string }[] {
  return [
    ...judgement.errors.map((error) => ({ error, prefix: '' })),
    ...judgement.podErrors.map((error) => ({ error, prefix: 'its Pods are refused: ' })),
  ];
}

function placeOf(finding: Finding, error?: FieldError): string {
  const { line, column } = finding.position(error?.field ?? '');
  return `${finding.file}:${line}:${column}`;
}

function jsonLine({ file, index, identity, judgement, action, fields }: Finding): string {
  const { accepted, errors, podErrors, warnings } = judgement;
  return JSON.stringify({
    file,
    index,
    ...identity,
    ...(action === undefined ? {} : { action, fields: fields ?? [] }),
    accepted,
    errors,
    podErrors,
    warnings,
  });
}

/** https://docs.github.com/actions/reference/workflow-commands-for-github-actions */
function annotation(
  level: 'error' | 'warning',
  file: string,
  position: Position | undefined,
  title: string,
  message: string,
): string {
  const data = (text: string): string =>
    text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
  const property = (text: string): string =>
    data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
  const place = position === undefined ? '' : `,line=${position.line},col=${position.column}`;
  return `::${level} file=${property(file)}${place},title=${property(title)}::${data(message)}`;
}
