import type { Action, Finding, ObjectPlan, Plan } from '../plan-types';
import { counted, listed, pathText, valueText, valueTexts } from '../wording';
import { imageMoves, phraseOf, shared, splitAlike, tellingFirst } from './alike';
import { entriesOf, type Entry, saysAnything, titleOf, titleOfId } from './entries';
import { markdown, markdownFence } from './escape';
import { ALL, code, cut, type Extent, EXTENTS, sentence } from './extent';
import { mermaidOf } from './mermaid';
import { fieldText } from './text';

/** A comment on GitHub takes 65,536 characters; the rest is for what a workflow adds. */
export const LONGEST_MARKDOWN = 60_000;

export interface MarkdownOptions {
  /** By which a comment is found again; empty for none. @default '' */
  readonly marker?: string | undefined;
}

/**
 * Plans as GitHub's Markdown, of one environment each: what is refused, down or lost first and
 * never in a fold, at most {@link LONGEST_MARKDOWN} characters, and nothing in it that a manifest could
 * say on its own account.
 */
export function markdownOf(plans: readonly Plan[], { marker = '' }: MarkdownOptions = {}): string {
  let text = '';
  for (const extent of EXTENTS) {
    text = documentOf(plans, extent, marker);
    if (text.length <= LONGEST_MARKDOWN) return text;
  }
  throw new Error(`a plan takes ${text.length} characters at its shortest`);
}

function documentOf(plans: readonly Plan[], extent: Extent, marker: string): string {
  const lines: string[] = [];
  if (marker !== '') lines.push(`<!-- kube-verdict plan: ${marker} -->`);
  const [only] = plans;
  if (plans.length === 1 && only !== undefined) {
    lines.push(`### ${heading(only)}`, '', `<b>${sentence(only.verdict, extent)}</b>`, '');
    lines.push(...blockersOf(only, extent), ...restOf(only, extent));
  } else {
    lines.push(...environmentsOf(plans, extent));
  }
  if (extent.without !== '') {
    lines.push(
      `> [!NOTE]`,
      `> This is too long for a comment. Left out: ${extent.without}. <code>-o html</code> shows it all.`,
      '',
    );
  }
  lines.push(footer(plans));
  return `${lines.join('\n').replace(/\n{3,}/g, '\n\n')}\n`;
}

/** A line for each environment, what is bad in it, and the rest in a fold for each. */
function environmentsOf(plans: readonly Plan[], extent: Extent): string[] {
  const changed = plans.filter(saysAnything);
  const lines = [
    `### Plan of ${plans.length} environments, ${changed.length === 0 ? 'none' : changed.length} of which ${changed.length === 1 ? 'changes' : 'change'}`,
    '',
    '| | environment | what the change does |',
    '| --- | --- | --- |',
    ...cut(plans, extent.rows, (plan) => [
      `| ${signOf(plan)} | ${code(plan.name, extent)} | ${sentence(plan.verdict, extent)} |`,
    ]),
    '',
  ];
  const worst = changed.filter((plan) => signOf(plan) === BAD);
  lines.push(
    ...cut(worst, extent.rows, (plan) => [
      ...(blockersOf(plan, extent).length === 0 ? [] : [`<b>${code(plan.name, extent)}</b>`, '']),
      ...blockersOf(plan, extent),
    ]),
  );
  lines.push(
    ...cut(changed, extent.rows, (plan) => [
      `<details><summary>${signOf(plan)} ${code(plan.name, extent)}: ${sentence(plan.verdict, extent)}</summary>`,
      '',
      ...restOf(plan, extent),
      '</details>',
      '',
    ]),
  );
  return lines;
}

const BAD = '🛑';

function signOf({ outcomes }: Plan): string {
  if (outcomes.some((one) => one === 'refused' || one === 'downtime' || one === 'data-loss'))
    return BAD;
  return outcomes.includes('restart') ? '🔄' : outcomes.includes('any') ? '✏️' : '✅';
}

function heading({ name, counts }: Plan): string {
  const shown = COUNTS.flatMap(([key, word]) =>
    counts[key] === 0 ? [] : [`${counts[key]} ${word}`],
  );
  const of = name === '' ? 'Plan' : `Plan of ${markdown(name)}`;
  return `${of}: ${shown.length === 0 ? 'nothing changes' : shown.join(', ')}`;
}

const COUNTS = [
  ['refused', 'refused'],
  ['delete', 'deleted'],
  ['replace', 'deleted and created anew'],
  ['rollout', 'rolled out'],
  ['scale', 'scaled'],
  ['update', 'changed in place'],
  ['create', 'created'],
  ['notJudged', 'not judged'],
] as const;

/** What is refused, down or lost: seen without opening anything. */
function blockersOf(plan: Plan, extent: Extent): string[] {
  const refused = plan.objects.filter(({ action }) => action === 'refused');
  const of = (is: Finding['level'] | Finding['code']): readonly Finding[] =>
    plan.findings.filter(({ level, code }) => level === is || code === is);
  const told = ({ object, message }: Finding): string[] => [
    `> - <b>${sentence(titleOfId(object), extent)}</b>: ${sentence(message, extent)}`,
  ];
  const alert = (kind: string, head: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : [`> [!${kind}]`, `> **${head}**`, '>', ...lines, ''];
  return [
    ...alert(
      'CAUTION',
      'Refused',
      cut(refused, extent.rows, (one) => refusalLines(one, extent), '> '),
    ),
    ...alert('CAUTION', 'Pods refused', cut(of('pods-refused'), extent.rows, told, '> ')),
    ...alert('CAUTION', 'Downtime', cut(of('downtime'), extent.rows, told, '> ')),
    ...alert('CAUTION', 'Data loss', cut(of('data-loss'), extent.rows, told, '> ')),
    ...(refused.length > 0 ? plan.notes.flatMap((note) => [`${sentence(note, extent)}.`, '']) : []),
  ];
}

function refusalLines(object: ObjectPlan, extent: Extent): string[] {
  const errors = object.refusal?.errors ?? [];
  return [
    `> - <b>${sentence(titleOf({ id: object.id, object }), extent)}</b>${errors.length === 0 ? ` ${sentence(object.summary, extent)}` : ''}`,
    ...errors
      .slice(0, extent.rows)
      .map(
        ({ field, message }) =>
          `>   - ${field === '' ? '' : `${code(field, extent)}: `}${sentence(message, extent)}`,
      ),
    ...(object.refusal?.waysOut ?? []).map(
      ({ message }) => `>   - way out: ${sentence(message, extent)}`,
    ),
  ];
}

/** So many objects that change alike are named. */
const NAMES = 30;

/** Cautions, table, details, images and diagram. */
function restOf(plan: Plan, extent: Extent): string[] {
  const { entries, said } = shared(entriesOf(plan).filter(({ level }) => level !== 'none'));
  if (entries.length === 0 && plan.common.length === 0) return [];
  const lines: string[] = [];
  const cautions = plan.findings.filter(({ level }) => level === 'caution');
  if (cautions.length > 0) {
    lines.push(
      '> [!WARNING]',
      ...cut(
        cautions,
        extent.rows,
        ({ object, message }) => [
          `> - <b>${sentence(titleOfId(object), extent)}</b>: ${sentence(message, extent)}`,
        ],
        '> ',
      ),
      '',
    );
  }
  const [single, alike] = splitAlike(entries.filter(({ object }) => object !== undefined));
  if (single.length + alike.size > 0) {
    lines.push(
      '| | object | what happens |',
      '| --- | --- | --- |',
      ...cut(single, extent.rows, ({ id, object }) =>
        object === undefined
          ? []
          : [
              `| ${ACTIONS[object.action]} | ${code(titleOf({ id, object }), extent)} | ${sentence(object.summary, extent)} |`,
            ],
      ),
      ...[...alike].map(([action, group]) => {
        const names = listed(group.map(titleOf), Math.min(extent.rows, NAMES));
        return `| ${ACTIONS[action]} | ${group.length} objects | ${phraseOf(action, group)}: ${sentence(names, extent)} |`;
      }),
      '',
    );
  }
  for (const [text, objects] of said) {
    lines.push(`- alike of ${objects} objects: ${sentence(text, extent)}`);
  }
  lines.push(...commonLines(plan, extent), ...imageLines(plan, extent));
  if (plan.notes.length > 0 && !plan.objects.some(({ action }) => action === 'refused')) {
    lines.push(...plan.notes.map((note) => `- ${sentence(note, extent)}`), '');
  }
  if (extent.details) lines.push(...detailLines(entries, extent));
  if (extent.diagram) lines.push(...diagramLines(plan));
  return lines;
}

const ACTIONS: Readonly<Record<Action, string>> = {
  refused: '🛑 refused',
  delete: '🗑️ delete',
  replace: '♻️ delete and create',
  rollout: '🔄 rollout',
  scale: '↕️ scale',
  update: '✏️ update',
  create: '✨ create',
  'not-judged': '❔ not judged',
  none: 'none',
};

function commonLines(plan: Plan, extent: Extent): string[] {
  return [
    ...cut(plan.common, extent.rows, ({ objects, ...field }) => [
      `- alike on ${objects.length} objects: ${code(fieldText({ ...field, hidden: false }), extent)}`,
    ]),
    '',
  ];
}

/** So many containers of an image are named. */
const CONTAINERS = 6;

function imageLines(plan: Plan, extent: Extent): string[] {
  const images = imageMoves(plan);
  if (images.length === 0) return [];
  return [
    '| image of | before | after | |',
    '| --- | --- | --- | --- |',
    ...cut(images, extent.rows, ({ containers, old, new: now, moved, caution }) => [
      `| ${code(listed(containers, CONTAINERS), extent)} | ${old === '' ? '' : code(old, extent)} | ${now === '' ? '' : code(now, extent)} | ${[moved.replaceAll('-', ' '), ...(caution === '' ? [] : [sentence(caution, extent)])].join('; ')} |`,
    ]),
    '',
  ];
}

/** Each object that there is more to say of, in one fold. */
function detailLines(entries: readonly Entry[], extent: Extent): string[] {
  const told = entries.flatMap((entry) => {
    const lines = entryLines(entry, extent);
    return lines.length === 0
      ? []
      : [[`<b>${sentence(titleOf(entry), extent)}</b>`, '', ...lines, '']];
  });
  if (told.length === 0) return [];
  return [
    `<details><summary>Details of ${told.length === 1 ? 'one object' : `${told.length} objects`}</summary>`,
    '',
    ...told.flat(),
    '</details>',
    '',
  ];
}

function entryLines({ object, findings }: Entry, extent: Extent): string[] {
  const fields = object?.fields ?? [];
  const shown = tellingFirst(fields).slice(0, extent.fields);
  const sentences = [
    // The ways out of a refusal are told beside it.
    ...(object === undefined || object.action === 'refused' ? [] : object.details),
    ...findings.filter(({ level }) => level === 'note').map(({ message }) => message),
    ...(object?.warnings ?? []).map((warning) => `warning: ${warning}`),
  ];
  const more = fields.length - shown.length;
  return [
    ...sentences.map((text) => `- ${sentence(text, extent)}`),
    ...(shown.length === 0
      ? []
      : [
          '',
          ...markdownFence(
            'diff',
            shown.flatMap((field) => diffLines(field)),
          ),
        ]),
    ...(more > 0 && extent.fields > 0 ? ['', `and ${counted(more, 'more field')}`] : []),
  ];
}

function diffLines({ path, old, new: now, hidden }: ObjectPlan['fields'][number]): string[] {
  const both = old !== null && now !== null;
  const texts = both ? valueTexts(old, now) : [valueText(old), valueText(now)];
  const [was, is] = hidden ? ['(not shown)', '(not shown)'] : texts;
  return [
    `  ${pathText(path)}`,
    ...(old === null ? [] : [`- ${was ?? ''}`]),
    ...(now === null ? [] : [`+ ${is ?? ''}`]),
  ];
}

function diagramLines({ topology }: Plan): string[] {
  const diagram = mermaidOf(topology);
  if (diagram === undefined)
    return ['Too much changes for a diagram; <code>-o html</code> has one.', ''];
  if (diagram.length === 0) return [];
  return ['```mermaid', ...diagram, '```', ''];
}

function footer(plans: readonly Plan[]): string {
  const [first] = plans;
  if (first === undefined) return '';
  const { from, to, kubernetes, applier } = first;
  const sides = plans.length === 1 ? `${code(from, ALL)} → ${code(to, ALL)}, ` : '';
  return `<sub>${sides}judged by the code of Kubernetes ${markdown(kubernetes)}, applied by ${markdown(applier)}</sub>`;
}
