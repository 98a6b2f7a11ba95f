import type { Action, FieldChange, Finding, ImageChange, Plan } from '../plan-types';
import { listed, valueText } from '../wording';
import { entriesOf, type Entry, titleOf, titleOfId } from './entries';
import { printable } from './printable';

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
  rollout: ['↻', 'yellow'],
  scale: ['↕', 'yellow'],
  update: ['~', 'yellow'],
  create: ['+', 'green'],
  'not-judged': ['?', 'cyan'],
  none: ['=', 'dim'],
};

/** So many fields of an object are shown without --verbose. */
const FIELDS = 3;
/** So many objects alike are named in one line. */
const NAMES = 6;

/** The plan for a terminal, the worst first and the verdict last. */
export function textOf(plan: Plan, { colour, verbose }: TextOptions): string {
  const paint = (style: Style, text: string): string =>
    colour ? `\u001b[${CODES[style]}m${text}\u001b[0m` : text;
  const lines: string[] = [];
  const entries = entriesOf(plan).filter(({ level }) => verbose || level !== 'none');
  const [single, alike] = verbose ? [entries, new Map<Action, Entry[]>()] : splitAlike(entries);
  for (const entry of single) lines.push(...entryLines(entry, verbose, paint));
  for (const [action, group] of alike) {
    const [mark, style] = MARKS[action];
    const names = listed(group.map(titleOf).map(printable), NAMES);
    lines.push(`${paint(style, mark)} ${PHRASES[action] ?? action}: ${names}`);
  }
  for (const { path, old, new: now, objects } of plan.common) {
    const where = verbose
      ? listed(objects.map(titleOfId).map(printable))
      : `${objects.length} objects`;
    lines.push(
      `${paint('cyan', '≡')} ${where} alike: ${fieldText({ path, old, new: now, hidden: false })}`,
    );
  }
  for (const image of plan.images) lines.push(imageLine(image, paint));
  for (const note of plan.notes) lines.push(`${paint('cyan', 'i')} ${printable(note)}`);
  const worst = plan.outcomes.some(
    (outcome) => outcome === 'refused' || outcome === 'downtime' || outcome === 'data-loss',
  );
  const style = worst ? 'red' : plan.outcomes.includes('any') ? 'yellow' : 'green';
  const name = plan.name === '' ? '' : `${printable(plan.name)}: `;
  lines.push(paint('bold', paint(style, `${name}${printable(plan.verdict)}`)));
  return `${lines.join('\n')}\n`;
}

const PHRASES: Partial<Record<Action, string>> = {
  create: 'created',
  delete: 'deleted',
  'not-judged': 'changed and not judged',
  none: 'the same in meaning',
  update: 'changed in place by what is alike',
};

/** Entries of which there is nothing to say but what happens to them, when there are many. */
function splitAlike(entries: readonly Entry[]): [Entry[], Map<Action, Entry[]>] {
  const alike = new Map<Action, Entry[]>();
  for (const entry of entries) {
    const { object, findings } = entry;
    if (
      object === undefined ||
      findings.length > 0 ||
      object.warnings.length > 0 ||
      object.details.length > 0
    )
      continue;
    if (!(object.action in PHRASES) || object.fields.length > 0 || object.rollout !== null)
      continue;
    const known = alike.get(object.action);
    if (known === undefined) alike.set(object.action, [entry]);
    else known.push(entry);
  }
  for (const [action, group] of alike) {
    const changedAlike =
      action === 'update' && group.every(({ object }) => object?.summary === 'changes in place');
    if (group.length < 4 && !changedAlike) alike.delete(action);
  }
  const grouped = new Set([...alike.values()].flat());
  return [entries.filter((entry) => !grouped.has(entry)), alike];
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
  const fields = inline ? `: ${object.fields.map(fieldText).join('')}` : '';
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
    const shown = verbose ? told : told.slice(0, FIELDS);
    for (const field of shown) say(fieldText(field), 'dim');
    if (told.length > shown.length)
      say(`and ${told.length - shown.length} more fields (-v shows them)`, 'dim');
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

/** `spec.replicas: 3 → 5`. */
export function fieldText({ path, old, new: now, hidden }: FieldChange): string {
  if (hidden)
    return printable(`${path}: ${old === null ? 'created' : now === null ? 'deleted' : 'changed'}`);
  if (old === null) return printable(`${path}: + ${valueText(now)}`);
  if (now === null) return printable(`${path}: - ${valueText(old)}`);
  return printable(`${path}: ${valueText(old)} → ${valueText(now)}`);
}

function imageLine(image: ImageChange, paint: (style: Style, text: string) => string): string {
  const { container, old, new: now, moved, caution, objects } = image;
  const change = old === '' ? `+ ${now}` : now === '' ? `- ${old}` : `${old} → ${now}`;
  const how =
    moved === 'tag' || moved === 'added' || moved === 'removed'
      ? ''
      : ` (${moved.replaceAll('-', ' ')} moved)`;
  const where = objects.length === 1 ? '' : ` in ${objects.length} objects`;
  const warning = caution === '' ? '' : `; ${paint('yellow', printable(caution))}`;
  return `${paint('cyan', '▣')} image of ${printable(container)}: ${printable(change)}${how}${where}${warning}`;
}
