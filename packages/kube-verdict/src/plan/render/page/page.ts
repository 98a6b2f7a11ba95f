import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../../package-root';
import type { Action, Plan, Topology } from '../../plan-types';
import { listed } from '../../wording';
import { imageMoves } from '../alike';
import { entriesOf, titleOfId } from '../entries';
import { html } from '../escape';
import { fieldText } from '../text';
import { ACTION_WORDS, blockerList, objectCard } from './objects';
import { timelineLegend } from './timeline';
import { topologySvg } from './topology';

/** So many objects are shown opened. */
const OPENED = 12;
const ORDER: readonly Action[] = [
  'refused',
  'delete',
  'replace',
  'rollout',
  'scale',
  'update',
  'create',
  'not-judged',
];

/**
 * Plans as one HTML document, which holds all that it shows: it fetches nothing, and a policy in it
 * keeps it from doing so, whatever a manifest says.
 */
export async function pageOf(plans: readonly Plan[]): Promise<string> {
  const [css, script] = await Promise.all(
    ['page-style.css', 'page.js'].map((file) => readFile(join(PACKAGE_ROOT, 'dist', file), 'utf8')),
  );
  const sections = await Promise.all(plans.map((plan, i) => section(plan, i, plans.length)));
  const policy = [
    "default-src 'none'",
    `style-src '${digest(css ?? '')}'`,
    `script-src '${digest(script ?? '')}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const [only] = plans;
  const title = plans.length === 1 ? (only?.verdict ?? '') : `Plan of ${plans.length} environments`;
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    `<title>${html(title)}</title>`,
    `<style>${css ?? ''}</style>`,
    '</head>',
    '<body>',
    toolbar(plans),
    plans.length > 1 ? overview(plans) : '',
    `<main>${sections.join('\n')}</main>`,
    `<script>${script ?? ''}</script>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

function digest(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

function toolbar(plans: readonly Plan[]): string {
  const counts = ORDER.map(
    (action) =>
      [action, plans.flatMap(({ objects }) => objects).filter((o) => o.action === action)] as const,
  ).filter(([, objects]) => objects.length > 0);
  const chips = counts.map(
    ([action, objects]) =>
      `<button type="button" class="chip ${action}" data-action="${action}" aria-pressed="false">${objects.length} ${ACTION_WORDS[action]}</button>`,
  );
  return [
    '<div class="toolbar" role="search">',
    '<input id="filter" type="search" placeholder="Filter by name, kind or field   /" aria-label="Filter objects">',
    ...chips,
    '<output id="shown" aria-live="polite"></output>',
    '<span class="keys"><kbd>/</kbd> filter <kbd>j</kbd> <kbd>k</kbd> move <kbd>Enter</kbd> open <kbd>e</kbd> all <kbd>t</kbd> theme</span>',
    '<button type="button" id="theme" aria-label="Dark or light">◐</button>',
    '</div>',
  ].join('\n');
}

function overview(plans: readonly Plan[]): string {
  const rows = plans.map(
    (plan, i) =>
      `<tr><td class="sign ${severity(plan)}"></td><th scope="row"><a href="#p${i}">${html(plan.name)}</a></th><td>${html(plan.verdict)}</td></tr>`,
  );
  return `<table class="overview" aria-label="Environments"><tbody>${rows.join('')}</tbody></table>`;
}

function severity({ outcomes }: Plan): 'bad' | 'change' | 'calm' {
  if (outcomes.some((one) => one === 'refused' || one === 'downtime' || one === 'data-loss'))
    return 'bad';
  return outcomes.includes('any') ? 'change' : 'calm';
}

async function section(plan: Plan, number: number, of: number): Promise<string> {
  const entries = entriesOf(plan);
  const anchors = new Map(entries.map(({ id }, i) => [id, `p${number}-${i}`]));
  const linkOf = (id: string): string => {
    const anchor = anchors.get(id);
    return anchor === undefined ? '' : `#${anchor}`;
  };
  const topology = await topologySvg(plan.topology, linkOf);
  const name = plan.name === '' ? '' : `<p class="environment">${html(plan.name)}</p>`;
  const cards = entries.map((entry, i) => {
    const isBad = ['refused', 'downtime', 'data-loss'].includes(entry.level);
    const isOpen = of === 1 ? entries.length <= OPENED || isBad : isBad;
    return objectCard(entry, `p${number}-${i}`, isOpen && entry.level !== 'none');
  });
  const hasTimeline = plan.objects.some(({ rollout }) => (rollout?.timeline?.length ?? 0) > 1);
  return [
    `<section class="plan ${severity(plan)}" id="p${number}">`,
    `<header>${name}<h1>${html(plan.verdict)}</h1><p class="sides">${html(plan.from)} → ${html(plan.to)} · judged by the code of Kubernetes ${html(plan.kubernetes)} · applied by ${html(plan.applier)}</p></header>`,
    blockerList(plan, linkOf),
    ...plan.notes.map((note) => `<p class="note">${html(note)}</p>`),
    topology === ''
      ? ''
      : `<h2>Who talks to whom</h2><div class="scroll map" tabindex="0">${topology}</div>${topologyLegend(plan.topology)}`,
    cards.length === 0 ? '' : `<h2>Objects</h2>${hasTimeline ? timelineLegend() : ''}`,
    `<div class="objects">${cards.join('\n')}</div>`,
    common(plan),
    images(plan),
    '</section>',
  ].join('\n');
}

/** What the colours and lines of a topology mean, as far as they are in it. */
function topologyLegend({ nodes, edges }: Topology): string {
  const actions = new Set(nodes.map(({ action }) => action));
  const lines: [className: string, words: string, is: boolean][] = [
    ['new-edge', 'new', edges.some(({ state }) => state === 'added')],
    ['gone-edge', 'gone', edges.some(({ state }) => state === 'removed')],
    ['policy-edge', 'by a NetworkPolicy', edges.some(({ relation }) => POLICY.has(relation))],
  ];
  const keys = [
    ...ORDER.filter((action) => actions.has(action)).map(
      (action) => [action, ACTION_WORDS[action]] as const,
    ),
    ...lines.filter(([, , is]) => is),
  ];
  return `<p class="legend">${keys.map(([className, words]) => `<span class="key ${className}">${words}</span>`).join(' ')}</p>`;
}

const POLICY: ReadonlySet<string> = new Set(['allows', 'admitted-by', 'reaches']);

function common({ common: changes }: Plan): string {
  if (changes.length === 0) return '';
  const rows = changes.map(
    ({ objects, ...field }) =>
      `<tr><td title="${html(objects.map(titleOfId).join(', '))}">${objects.length} objects</td><td><code>${html(fieldText({ ...field, hidden: false }))}</code></td></tr>`,
  );
  return `<h2>Changed alike</h2><table class="images" aria-label="Changed alike"><tbody>${rows.join('')}</tbody></table>`;
}

function images(plan: Plan): string {
  const changes = imageMoves(plan);
  if (changes.length === 0) return '';
  const rows = changes.map(
    ({ containers, old, new: now, moved, caution }) =>
      `<tr><th scope="row">${html(listed(containers))}</th><td class="old">${html(old)}</td><td class="new">${html(now)}</td><td>${html(moved.replaceAll('-', ' '))}${caution === '' ? '' : `; ${html(caution)}`}</td></tr>`,
  );
  return `<h2>Images</h2><table class="images" aria-label="Images"><thead><tr><th scope="col">container</th><th scope="col">before</th><th scope="col">after</th><th scope="col">moved</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
}
