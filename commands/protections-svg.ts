/** Draws what each protection is worth: what events cost with one of them off at a time. */

import { escapeXml } from './terminal-svg';

/** What one event cost: `data` of the checks of `npm run e2e -- --only ablation`. */
export interface ProtectionRow {
  /** The protection that was off. @default none was */
  readonly without?: string;
  readonly event: string;
  /** What a system with all protections does not suffer from it. @default it suffered nothing else */
  readonly harm?: string;
  readonly requests: number;
  /** How many of them failed. */
  readonly failed: number;
  /** Emails that were given to more than one of those who registered them at once, and how many were raced for. */
  readonly raced?: { readonly emails: number; readonly twice: number };
  /** The longest time in which nobody was answered. */
  readonly secondsAway: number;
  /** Acknowledged accounts that cannot log in, and how many were acknowledged. */
  readonly lost: number;
  readonly accounts: number;
}

export interface Protections {
  /** What it was measured on, and under which load: sentences. */
  readonly basis: readonly string[];
  readonly rows: readonly ProtectionRow[];
}

// In pixels.
const PADDING = 24;
const LABEL = 236;
const CELL = 122;
const ROW = 46;
const HEAD = 96;
const COLUMNS_HEAD = 52;
const LINE = 17;

const COLOURS = {
  window: '#0d1117',
  border: '#30363d',
  text: '#e6edf3',
  faint: '#8b949e',
  none: '#6e7681',
  good: '#3fb950',
  goodCell: '#12261e',
  bad: '#ff7b72',
  badCell: '#25171c',
} as const;

const ALL_ON = 'all protections on';

export function protectionsSvg({ basis, rows }: Protections): string {
  const events = unique(rows.map(({ event }) => event));
  const labels = unique(rows.map(labelOf));
  const width = 2 * PADDING + LABEL + events.length * CELL;
  const top = HEAD + COLUMNS_HEAD;
  const height = top + labels.length * ROW + 16 + basis.length * LINE + PADDING;
  const title = 'What each protection is worth: one off at a time, the same events';
  const cells = labels.flatMap((label, y) => [
    text(label, PADDING, top + y * ROW + 28, label === ALL_ON ? 'good' : 'text', {
      bold: label === ALL_ON,
    }),
    ...events.map((event, x) =>
      cell(
        rows.find((row) => labelOf(row) === label && row.event === event),
        PADDING + LABEL + x * CELL,
        top + y * ROW,
      ),
    ),
  ]);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escapeXml(title)}">
<title>${escapeXml(title)}</title>
<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8" fill="${COLOURS.window}" stroke="${COLOURS.border}"/>
<g font-family="system-ui, -apple-system, 'Segoe UI', 'Liberation Sans', Arial, sans-serif" font-size="13">
${text('What each protection is worth', PADDING, 42, 'text', { bold: true, size: 20 })}
${text('Requests that failed while this was done to the system, with one protection off at a time', PADDING, 66, 'faint')}
${text('without', PADDING, top - 12, 'faint', { size: 12 })}
${events.map((event, x) => head(event, PADDING + LABEL + x * CELL)).join('\n')}
${cells.join('\n')}
${basis.map((sentence, index) => text(sentence, PADDING, top + labels.length * ROW + 28 + index * LINE, 'faint', { size: 12 })).join('\n')}
</g>
</svg>
`;
}

const labelOf = ({ without }: ProtectionRow) => without ?? ALL_ON;

/** An event's name above its column, on as many lines as it takes. */
function head(event: string, x: number): string {
  const lines = wrap(event, 18);
  return lines
    .map((line, index) =>
      text(
        line,
        x + CELL / 2,
        HEAD + COLUMNS_HEAD - 12 - (lines.length - 1 - index) * 15,
        'faint',
        {
          middle: true,
          size: 12,
        },
      ),
    )
    .join('');
}

function cell(row: ProtectionRow | undefined, x: number, y: number): string {
  if (row === undefined) return text('·', x + CELL / 2, y + 28, 'none', { middle: true });
  const bad = row.harm !== undefined;
  const colour = bad ? 'bad' : 'good';
  const box = `<rect x="${x + 3}" y="${y + 3}" width="${CELL - 6}" height="${ROW - 6}" rx="5" fill="${COLOURS[bad ? 'badCell' : 'goodCell']}"/>`;
  const { raced } = row;
  if (raced !== undefined) {
    const style = { middle: true, bold: true };
    return [
      box,
      text(`${count(raced.twice)} given twice`, x + CELL / 2, y + 20, colour, style),
      text(`of ${count(raced.emails)} emails`, x + CELL / 2, y + 36, 'none', {
        middle: true,
        size: 11,
      }),
    ].join('');
  }
  const below = [
    ...(row.lost > 0 ? [`${count(row.lost)} accounts lost`] : []),
    ...(row.lost === 0 && row.secondsAway >= 0.5
      ? [`away for ${row.secondsAway.toFixed(1)} s`]
      : []),
  ];
  const note = below[0] ?? `of ${count(row.requests)}`;
  return [
    box,
    text(`${count(row.failed)}${row.failed > 0 ? ' failed' : ''}`, x + CELL / 2, y + 20, colour, {
      middle: true,
      bold: true,
    }),
    text(note, x + CELL / 2, y + 36, below.length > 0 ? colour : 'none', {
      middle: true,
      size: 11,
    }),
  ].join('');
}

interface Style {
  readonly bold?: boolean;
  /** @default 13 */
  readonly size?: number;
  /** Whether `x` is its middle. @default its begin */
  readonly middle?: boolean;
}

function text(
  words: string,
  x: number,
  y: number,
  colour: keyof typeof COLOURS,
  { bold = false, size, middle = false }: Style = {},
): string {
  const style = [
    ...(bold ? [' font-weight="600"'] : []),
    ...(size === undefined ? [] : [` font-size="${size}"`]),
    ...(middle ? [' text-anchor="middle"'] : []),
  ].join('');
  return `<text x="${x}" y="${y}" fill="${COLOURS[colour]}"${style}>${escapeXml(words)}</text>`;
}

const count = (number: number) => number.toLocaleString('en');
const unique = (all: readonly string[]) => [...new Set(all)];

function wrap(words: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of words.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= columns)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
