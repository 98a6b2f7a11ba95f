import type { Finding, ObjectPlan, Plan } from '../../plan-types';
import { pathText, valueText, valueTexts } from '../../wording';
import { tellingFirst } from '../alike';
import { type Entry, isBlocker, titleOf } from '../entries';
import { html } from '../escape';
import { figures, timelineSvg } from './timeline';

export const ACTION_WORDS: Readonly<Record<ObjectPlan['action'], string>> = {
  refused: 'refused',
  delete: 'delete',
  replace: 'delete and create',
  rollout: 'rollout',
  scale: 'scale',
  update: 'update',
  'not-judged': 'not judged',
  create: 'create',
  none: 'unchanged',
};

export const LEVEL_WORDS: Readonly<Record<Finding['level'], string>> = {
  downtime: 'downtime',
  'data-loss': 'data loss',
  caution: 'caution',
  note: 'note',
};

/** An object's change, with what Kubernetes makes of it beside it. */
export function objectCard(entry: Entry, anchor: string, isOpen: boolean): string {
  const { object, findings, level } = entry;
  const action = object?.action ?? 'none';
  const title = titleOf(entry);
  const fields = object?.fields ?? [];
  const text = [title, action, ...fields.map(({ path }) => path), ...findings.map((f) => f.message)]
    .join(' ')
    .toLowerCase();
  const badges = findings
    .filter((one) => one.level === 'downtime' || one.level === 'data-loss')
    .map((one) => `<span class="badge ${one.level}">${LEVEL_WORDS[one.level]}</span>`);
  const meaning = meaningOf(entry);
  const timeline = courseOf(object);
  const hasBody = fields.length > 0 || meaning !== '' || timeline !== '';
  const body = [
    ...(fields.length === 0 ? [] : [fieldTable(object?.id ?? '', fields)]),
    ...(meaning === '' ? [] : [`<ul class="meaning">${meaning}</ul>`]),
  ].join('');
  return [
    `<details class="object ${level}" id="${anchor}" data-id="${html(entry.id)}" data-action="${action}" data-text="${html(text)}"${isOpen ? ' open' : ''}>`,
    `<summary><span class="badge ${action}">${ACTION_WORDS[action]}</span> <b>${html(title)}</b> ${[...new Set(badges)].join(' ')} <span class="summary">${html(object?.summary ?? '')}</span></summary>`,
    hasBody
      ? `<div class="body">${timeline}<div class="columns">${body}</div>${placeOf(object)}</div>`
      : placeOf(object),
    '</details>',
  ].join('\n');
}

function courseOf(object: ObjectPlan | undefined): string {
  if (object?.rollout == null) return '';
  const timeline = timelineSvg(object.rollout);
  if (timeline === '' && object.action !== 'rollout') return '';
  return `<div class="course"><div class="scroll">${timeline}</div>${figures(object.rollout)}</div>`;
}

function placeOf(object: ObjectPlan | undefined): string {
  const place = object?.place;
  return place == null ? '' : `<p class="place">${html(place.file)}:${place.line}</p>`;
}

function fieldTable(id: string, fields: ObjectPlan['fields']): string {
  const cell = (value: unknown, text: string, hidden: boolean, kind: string): string => {
    if (value === null) return '<td></td>';
    return `<td class="${kind}">${hidden ? '<i>hidden</i>' : html(text)}</td>`;
  };
  // A line breaks after a step of the path, where it can.
  const steps = (path: string) => html(pathText(path)).replaceAll('.', '.<wbr>');
  const rows = tellingFirst(fields).map(({ path, old, new: now, hidden }) => {
    const both = old !== null && now !== null;
    const [was, is] = both ? valueTexts(old, now) : [valueText(old), valueText(now)];
    return `<tr><th scope="row" title="${html(path)}">${steps(path)}</th>${cell(old, was, hidden, 'old')}${cell(now, is, hidden, 'new')}</tr>`;
  });
  return `<table class="fields" aria-label="${html(`Fields of ${id}`)}"><thead><tr><th scope="col">field</th><th scope="col">before</th><th scope="col">after</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

/** What it means to Kubernetes, the worst first. */
function meaningOf({ object, findings }: Entry): string {
  const items = findings.map(
    ({ level, message }) =>
      `<li class="${level}">${level === 'note' ? '' : `<b>${LEVEL_WORDS[level]}:</b> `}${html(message)}</li>`,
  );
  if (object === undefined) return items.join('');
  for (const { field, message } of object.refusal?.errors ?? []) {
    items.push(`<li class="refused"><code>${html(field)}</code> ${html(message)}</li>`);
  }
  for (const detail of object.details) items.push(`<li>${html(detail)}</li>`);
  for (const warning of object.warnings) {
    items.push(`<li class="caution"><b>warning:</b> ${html(warning)}</li>`);
  }
  return items.join('');
}

/** What is refused, down or lost, each with a link to its object. */
export function blockerList(plan: Plan, linkOf: (id: string) => string): string {
  const link = (id: string, title: string): string => {
    const href = linkOf(id);
    return href === '' ? `<b>${html(title)}</b>` : `<a href="${html(href)}">${html(title)}</a>`;
  };
  const refused = plan.objects
    .filter(({ action }) => action === 'refused')
    .map(
      (object) =>
        `<li><span class="badge refused">refused</span> ${link(object.id, titleOf({ id: object.id, object }))} ${html(object.summary)}</li>`,
    );
  const found = plan.findings.filter(isBlocker).map(({ code, level, object, message }) => {
    const [badge, word] =
      code === 'pods-refused' ? ['refused', 'refused'] : [level, LEVEL_WORDS[level]];
    return `<li><span class="badge ${badge}">${word}</span> ${link(object, titleOf({ id: object, object: undefined }))} ${html(message)}</li>`;
  });
  const items = [...refused, ...found];
  return items.length === 0 ? '' : `<ul class="blockers">${items.join('')}</ul>`;
}
