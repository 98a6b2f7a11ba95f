import type { Action, FieldChange, Finding, Plan } from '../plan-types';
import { counted, listed, pathText, valueText, valueTexts } from '../wording';
import { type ImageMove, imageMoves, phraseOf, shared, splitAlike, tellingFirst } from './alike';
import { entriesOf, type Entry, titleOf, titleOfId } from './entries';
import { printable } from '../../words/printable';

export interface TextOptions {
  /** Write ANSI colours. */
  readonly colour: boolean;
  /** Show every field that changes, and what means the same. */
  readonly verbose: boolean;
}

type Style = 'red' | 'green' | 'yellow' | 'cyan' | 'dim' | 'bold';

const CODES: Readonly<Record<Style, number>> = {
  red: 31,
  green: 32,
  yellow: 33,
  cyan: 36,
  dim: 2,
  bold: 1,
};

const MARKS: Readonly<Record<Action, readonly [mark: string, style: Style]>> = {
  refused: ['✗', 'red'],
  delete: ['-', 'red'],
  replace: ['±', 'red'],
  rollout: ['↻', 'yellow'],
  scale: ['↕', 'yellow'],
  update: ['~', 'yellow'],
  create: ['+', 'green'],
  'not-judged': ['?', 'cyan'],
  none: ['=', 'dim'],
};

/** So many fields of an object are shown without --verbose. */
const FIELDS = 3;
/** So many fields that changed alike. */
const COMMON = 8;
/** Characters of a value with --verbose. */
const WHOLE = 4_000;
/** So many objects alike are named in one line. */
const NAMES = 6;

/** The plan for a terminal, the worst first and the verdict last. */
export function textOf(plan: Plan, { colour, verbose }: TextOptions): string {
  const paint = (style: Style, text: string): string =>
    colour ? `\u001b[${CODES[style]}m${text}\u001b[0m` : text;
  const lines: string[] = [];
  const all = entriesOf(plan).filter(({ level }) => verbose || level !== 'none');
  const { entries, said } = verbose ? { entries: all, said: NOTHING } : shared(all);
  const [single, alike] = verbose ? [entries, new Map<Action, Entry[]>()] : splitAlike(entries);
  for (const entry of single) lines.push(...entryLines(entry, verbose, paint));
  for (const [action, group] of alike) {
    const [mark, style] = MARKS[action];
    const names = listed(group.map(titleOf).map(printable), NAMES);
    lines.push(`${paint(style, mark)} ${phraseOf(action, group)}: ${names}`);
  }
  for (const [text, objects] of said) {
    lines.push(`${paint('cyan', '≡')} ${objects} objects alike: ${printable(text)}`);
  }
  lines.push(...commonLines(plan, verbose, paint('cyan', '≡')));
  for (const image of imageMoves(plan)) lines.push(imageLine(image, paint));
  for (const note of plan.notes) lines.push(`${paint('cyan', 'i')} ${printable(note)}`);
  const worst = plan.outcomes.some(
    (outcome) => outcome === 'refused' || outcome === 'downtime' || outcome === 'data-loss',
  );
  const style = worst ? 'red' : plan.outcomes.includes('any') ? 'yellow' : 'green';
  const name = plan.name === '' ? '' : `${printable(plan.name)}: `;
  lines.push(paint('bold', paint(style, `${name}${printable(plan.verdict)}`)));
  return `${lines.join('\n')}\n`;
}

const NOTHING: ReadonlyMap<string, number> = new Map();

function commonLines({ common }: Plan, verbose: boolean, mark: string): string[] {
  const shown = verbose ? common : tellingFirst(common).slice(0, COMMON);
  const lines = shown.map(({ objects, ...field }) => {
    const where = verbose
      ? listed(objects.map(titleOfId).map(printable))
      : `${objects.length} objects`;
    return `${mark} ${where} alike: ${fieldText({ ...field, hidden: false }, verbose)}`;
  });
  const more = common.length - shown.length;
  return more === 0
    ? lines
    : [...lines, `${mark} and ${counted(more, 'more field')} alike (-v shows them)`];
}

function entryLines(
  entry: Entry,
  verbose: boolean,
  paint: (style: Style, text: string) => string,
): string[] {
  const { object, findings } = entry;
  const name = paint('bold', printable(titleOf(entry)));
  const lines: string[] = [];
  const say = (text: string, style?: Style): void => {
    lines.push(`    ${style === undefined ? text : paint(style, text)}`);
  };
  if (object === undefined) {
    const [first, ...rest] = findings;
    if (first === undefined) return [];
    lines.push(`${paint('yellow', '!')} ${name} ${findingText(first, paint)}`);
    for (const one of rest) say(findingText(one, paint));
    return lines;
  }
  const [mark, style] = MARKS[object.action];
  const inline = !verbose && object.fields.length === 1 && object.summary === 'changes in place';
  const fields = inline ? `: ${object.fields.map((field) => fieldText(field)).join('')}` : '';
  lines.push(`${paint(style, mark)} ${name} ${printable(object.summary)}${fields}`);
  for (const one of findings) say(findingText(one, paint));
  for (const detail of object.details) say(printable(detail));
  for (const warning of object.warnings) say(`warning: ${printable(warning)}`, 'yellow');
  if (object.previous !== null && object.previous.apiVersion !== object.apiVersion) {
    say(printable(`moves from ${object.previous.apiVersion} to ${object.apiVersion}`));
  }
  if (!inline) {
    const told =
      object.action === 'rollout' && !verbose
        ? object.fields.filter(({ path }) => !path.startsWith('spec.template.'))
        : object.fields;
    const shown = verbose ? told : tellingFirst(told).slice(0, FIELDS);
    for (const field of shown) say(fieldText(field, verbose), 'dim');
    if (told.length > shown.length)
      say(`and ${counted(told.length - shown.length, 'more field')} (-v shows them)`, 'dim');
  }
  return lines;
}

const PREFIXES: Readonly<
  Record<Finding['level'], readonly [text: string, style: Style] | undefined>
> = {
  downtime: ['downtime: ', 'red'],
  'data-loss': ['data loss: ', 'red'],
  caution: ['caution: ', 'yellow'],
  note: undefined,
};

function findingText(
  { level, message }: Finding,
  paint: (style: Style, text: string) => string,
): string {
  const prefix = PREFIXES[level];
  const text = printable(message);
  return prefix === undefined ? text : `${paint(prefix[1], prefix[0])}${text}`;
}

/**
 * `spec.replicas: 3 → 5`.
 * @param whole with values as long as they are, within reason
 */
export function fieldText(
  { path: exact, old, new: now, hidden }: FieldChange,
  whole = false,
): string {
  const longest = whole ? WHOLE : undefined;
  const path = whole ? exact : pathText(exact);
  if (hidden)
    return printable(`${path}: ${old === null ? 'created' : now === null ? 'deleted' : 'changed'}`);
  if (old === null) return printable(`${path}: + ${valueText(now, longest)}`);
  if (now === null) return printable(`${path}: - ${valueText(old, longest)}`);
  return printable(`${path}: ${valueTexts(old, now, longest).join(' → ')}`);
}

function imageLine(image: ImageMove, paint: (style: Style, text: string) => string): string {
  const { containers, old, new: now, moved, caution, objects } = image;
  const change = old === '' ? `+ ${now}` : now === '' ? `- ${old}` : `${old} → ${now}`;
  const how =
    moved === 'tag' || moved === 'added' || moved === 'removed'
      ? ''
      : ` (${moved.replaceAll('-', ' ')} moved)`;
  const where = objects.length === 1 ? '' : ` in ${objects.length} objects`;
  const warning = caution === '' ? '' : `; ${paint('yellow', printable(caution))}`;
  return `${paint('cyan', '▣')} image of ${printable(listed(containers, NAMES))}: ${printable(change)}${how}${where}${warning}`;
}
