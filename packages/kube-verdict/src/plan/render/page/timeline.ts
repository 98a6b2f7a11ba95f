import type { RolloutPlan, RolloutState } from '../../plan-types';
import { duration } from '../../wording';
import { html } from '../escape';

const LEFT = 34;
const TOP = 14;
const HEIGHT = 130;
const WIDEST = 40;
const NARROWEST = 7;
const ROOM = 560;

/** What Pods are at an instant, from the bottom of a bar to its top. */
const PARTS: readonly [key: Exclude<keyof RolloutState, 'second'>, name: string][] = [
  ['updated', 'new, available'],
  ['old', 'old, available'],
  ['starting', 'new, starting'],
  ['oldStarting', 'old, starting'],
  ['ending', 'terminating'],
];

/**
 * The course of a rollout as SVG, a bar for each state: Pods old, starting, available and terminating, the line of those
 * available, and what a disruption budget promises. Empty where it has none.
 */
export function timelineSvg(rollout: RolloutPlan): string {
  const { timeline, to, promise } = rollout;
  if (timeline === null || timeline.length < 2) return '';
  const most = Math.max(1, to ?? 0, promise?.healthy ?? 0, ...timeline.map(total));
  const step = Math.max(NARROWEST, Math.min(WIDEST, ROOM / timeline.length));
  const width = LEFT + step * timeline.length + 14;
  const y = (pods: number): number => round(TOP + HEIGHT * (1 - pods / most));
  const bar = step - Math.min(4, step / 4);
  const lines: string[] = [];
  const ticks = [...new Set([0, to ?? Math.round(most / 2), most])];
  for (const tick of ticks) {
    lines.push(
      `<line class="grid" x1="${LEFT}" x2="${round(width)}" y1="${y(tick)}" y2="${y(tick)}"/>`,
      `<text class="tick" x="${LEFT - 7}" y="${y(tick) + 4}" text-anchor="end">${tick}</text>`,
    );
  }
  for (const [i, state] of timeline.entries()) {
    const x = round(LEFT + step * i);
    let below = 0;
    const parts = PARTS.flatMap(([key]) => {
      const pods = state[key];
      if (pods === 0) return [];
      below += pods;
      return [
        `<rect class="pods ${key}" x="${x}" y="${y(below)}" width="${round(bar)}" height="${round((HEIGHT * pods) / most)}"/>`,
      ];
    });
    lines.push(`<g><title>${titleOf(state)}</title>${parts.join('')}</g>`);
  }
  lines.push(...labels(timeline, step));
  const available = timeline.map((state, i) => {
    const [x, level] = [LEFT + step * i, y(state.old + state.updated)];
    return `${i === 0 ? 'M' : 'L'}${round(x)} ${level}H${round(x + bar)}`;
  });
  lines.push(`<path class="available" d="${available.join('')}"/>`);
  if (promise !== null) {
    const level = y(promise.healthy);
    lines.push(
      `<line class="promise" x1="${LEFT}" x2="${round(width)}" y1="${level}" y2="${level}"><title>the disruption budget promises ${promise.healthy} healthy Pods; a rollout does not keep to it</title></line>`,
    );
  }
  const height = TOP + HEIGHT + 28;
  return `<svg class="timeline" role="img" aria-label="${html(spoken(rollout, timeline))}" viewBox="0 0 ${round(width)} ${height}" width="${round(width)}" height="${height}">${lines.join('')}</svg>`;
}

/** A rollout in numbers. */
export function figures(rollout: RolloutPlan): string {
  const of = rollout.to === null ? '' : ` of ${rollout.to}`;
  const known: [name: string, value: string | number | null][] = [
    ['strategy', rollout.strategy],
    ['Pods replaced', rollout.podsReplaced],
    [
      'fewest available',
      rollout.fewestAvailable === null ? null : `${rollout.fewestAvailable}${of}`,
    ],
    ['most existing', rollout.mostExisting],
    [
      'if no new Pod becomes ready',
      rollout.availableIfNeverReady === null
        ? null
        : `${rollout.availableIfNeverReady}${of} stay available`,
    ],
    ['promise of the disruption budget', rollout.promise?.healthy ?? null],
    ['lasts at least', rollout.leastSeconds ? duration(rollout.leastSeconds) : null],
  ];
  const rows = known.flatMap(([name, value]) =>
    value === null ? [] : [`<dt>${name}</dt><dd>${html(`${value}`)}</dd>`],
  );
  return `<dl class="figures">${rows.join('')}</dl>`;
}

/** What the colours of timelines mean. */
export function timelineLegend(): string {
  const parts = PARTS.map(([key, name]) => `<span class="key ${key}">${name}</span>`);
  return `<p class="legend">${parts.join(' ')} <span class="key line">available</span> <span class="key budget">promise of the disruption budget</span></p>`;
}

/** Seconds below the bars at which something happens, as many as there is room for. */
function labels(timeline: readonly RolloutState[], step: number): string[] {
  const every = 46;
  let free = 0;
  return timeline.flatMap(({ second }, i) => {
    const x = LEFT + step * i;
    const isNew = i === 0 || timeline[i - 1]?.second !== second;
    if (!isNew || x < free) return [];
    free = x + every;
    return [
      `<text class="tick" x="${round(x)}" y="${TOP + HEIGHT + 18}">${html(duration(second))}</text>`,
    ];
  });
}

function total(state: RolloutState): number {
  return PARTS.reduce((sum, [key]) => sum + state[key], 0);
}

function titleOf(state: RolloutState): string {
  const parts = PARTS.flatMap(([key, name]) => (state[key] === 0 ? [] : [`${state[key]} ${name}`]));
  return html(`after ${duration(state.second)} at the earliest: ${parts.join('; ')}`);
}

function spoken({ to }: RolloutPlan, timeline: readonly RolloutState[]): string {
  const available = timeline.map(({ old, updated }) => old + updated);
  const wanted = to === null ? '' : ` of ${to}`;
  return `Rollout in ${timeline.length} states: never fewer than ${Math.min(...available)}${wanted} Pods available, at most ${Math.max(...timeline.map(total))} exist`;
}

function round(n: number): number {
  return Math.round(n * 10) / 10;
}
