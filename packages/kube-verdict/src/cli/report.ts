import { InputError } from '../reading/input-error';
import type { Remark } from '../reading/documents';
import { describePassedOver, mistakeOf, type PassedOverReason } from '../reading/passed-over';
import type { Position } from '../reading/position';
import { annotation, annotationsOf } from './annotations';
import { type Action, type Finding, NOT_GIVEN } from './finding';
import { jsonOf, jsonOfUnreadable } from './json-lines';
import type { Output } from './output';
import { printable, printableJson } from '../words/printable';
import { linesOf, placeText, warningLinesOf } from './text-lines';

export type Format = 'text' | 'json' | 'github';

export const FORMATS: readonly Format[] = ['text', 'json', 'github'];

/** Objects given again that are named; the rest is counted. */
const NAMED = 10;

/** Prints findings and counts them. */
export class Report {
  private accepted = 0;
  private refused = 0;
  private refusedOfKustomizations = 0;
  private podsRefused = 0;
  private notJudged = 0;
  /** What NEW has no more, by what becomes of it: it is neither accepted nor refused. */
  private readonly notGiven = new Map<Action, number>();
  private unreadable = 0;
  private repeated = 0;
  private readonly passedOver = new Map<PassedOverReason, Set<string>>();
  private readonly kindsNotJudged = new Map<string, number>();

  constructor(
    private readonly format: Format,
    private readonly strict: boolean,
    private readonly output: Output,
  ) {}

  /** What is no object: unreadable, passed over or to be warned of. */
  remark(remark: Remark): void {
    switch (remark.kind) {
      case 'unreadable':
        this.isUnreadable(remark.error);
        break;
      case 'passed over':
        this.isPassedOver(remark.file, remark.reason);
        break;
      case 'warning':
        if (this.strict) {
          this.isUnreadable(new InputError(remark.file, remark.message, remark.position));
        } else if (remark.repeated !== true || ++this.repeated <= NAMED) {
          this.warn(remark.file, remark.position, remark.message);
        }
        break;
    }
  }

  /** Whether a finding is counted, and nothing is printed of it. */
  onlyCounts({ judgement, remarks, isKnown, action }: Finding): boolean {
    const { accepted, warnings, podErrors } = judgement;
    if (this.format === 'json' || action !== undefined || remarks.length > 0) return false;
    if (accepted === null) return !isKnown;
    return accepted && warnings.length === 0 && podErrors.length === 0;
  }

  /** Of an object that is accepted, and of which nothing is printed. */
  acceptedQuietly(): void {
    this.accepted++;
  }

  finding(finding: Finding): void {
    const { judgement, action } = finding;
    if (action !== undefined && NOT_GIVEN.has(action)) {
      this.notGiven.set(action, (this.notGiven.get(action) ?? 0) + 1);
    } else if (judgement.accepted === null) this.isNotJudged(finding);
    else if (!judgement.accepted) {
      this.refused++;
      if (finding.ofKustomization === true) this.refusedOfKustomizations++;
    } else if (judgement.podErrors.length > 0) this.podsRefused++;
    else this.accepted++;
    switch (this.format) {
      case 'json':
        this.output.line(printableJson(jsonOf(finding)));
        break;
      case 'github':
        for (const line of annotationsOf(finding)) this.output.line(line);
        break;
      case 'text':
        for (const line of linesOf(finding)) this.output.line(printable(line));
        for (const line of warningLinesOf(finding)) this.output.remark(printable(line));
        break;
    }
  }

  /** Prints the counts. */
  summarise(): void {
    if (this.format === 'text') {
      const parts = [`${this.accepted} accepted`, `${this.refused} refused`];
      if (this.podsRefused > 0) parts.push(`${this.podsRefused} accepted whose Pods are refused`);
      for (const [action, count] of this.notGiven) parts.push(`${count} ${action}`);
      this.output.line(parts.join(', '));
    }
    for (const [reason, count] of this.kindsNotJudged) {
      const text = `${count} ${reason}`;
      this.output.remark(printable(text));
      if (this.format === 'github') {
        this.output.line(annotation('warning', undefined, undefined, 'not judged', text));
      }
    }
    if (this.notJudged > 0) this.output.remark(`${this.notJudged} not judged`);
    if (this.repeated > NAMED) {
      this.output.remark(`${this.repeated - NAMED} more given again that differ`);
    }
    if (this.refusedOfKustomizations > 0) {
      this.output.remark(
        `${this.refusedOfKustomizations} refused of what kustomizations list as resources, which need not be whole: --kustomize judges what kustomize makes of it`,
      );
    }
    if (this.passedOver.size > 0) {
      const counts = new Map([...this.passedOver].map(([reason, files]) => [reason, files.size]));
      this.output.remark(`passed over: ${describePassedOver(counts)}`);
    }
    if (this.unreadable > 0) this.output.remark(`${this.unreadable} unreadable`);
  }

  /** Whether there was any object. */
  get isEmpty(): boolean {
    return this.accepted + this.refused + this.podsRefused + this.notJudged + this.unreadable === 0;
  }

  /** 2: something could not be read. 1: something is refused. 0: neither. */
  exitCode(podErrorsCount: boolean): number {
    if (this.unreadable > 0) return 2;
    if (this.refused > 0 || (podErrorsCount && this.podsRefused > 0)) return 1;
    return this.strict && this.notJudged > 0 ? 1 : 0;
  }

  private isUnreadable(error: InputError): void {
    this.unreadable++;
    const { file, position, message } = error;
    this.output.remark(printable(`${placeText(file, position)}: ${message}`));
    if (this.format === 'github') {
      this.output.line(annotation('error', file, position, 'unreadable', message));
    } else if (this.format === 'json') {
      this.output.line(printableJson(jsonOfUnreadable(error)));
    }
  }

  private isPassedOver(file: string, reason: PassedOverReason): void {
    if (this.strict) {
      this.isUnreadable(new InputError(file, mistakeOf(reason)));
      return;
    }
    const files = this.passedOver.get(reason) ?? new Set();
    this.passedOver.set(reason, files.add(file));
  }

  /** Of a kind that is not judged, one line says it for all; of another object, its own. */
  private isNotJudged({ isKnown, identity, judgement }: Finding): void {
    this.notJudged++;
    if (isKnown) return;
    const { apiVersion, kind } = identity;
    const why = (judgement.warnings[0] ?? 'not judged').replace(
      `${apiVersion} ${kind} is not a kind that is judged`,
      '',
    );
    const reason = `${apiVersion} ${kind} ${why.replace(/: [:;] /, ': ')}`;
    this.kindsNotJudged.set(reason, (this.kindsNotJudged.get(reason) ?? 0) + 1);
  }

  private warn(file: string, position: Position, message: string): void {
    if (this.format === 'github') {
      this.output.line(annotation('warning', file, position, file, message));
    } else {
      this.output.remark(printable(`${placeText(file, position)}: warning: ${message}`));
    }
  }
}
