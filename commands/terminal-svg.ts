/** A line of a source file. */
export interface SourceLine {
  readonly number: number;
  readonly text: string;
  /** As in a diff. */
  readonly sign: ' ' | '+' | '-';
}

/** A line of what a command printed. */
export interface Printed {
  readonly text: string;
  readonly colour: 'text' | 'faint' | 'red';
}

export interface Terminal {
  /** For who cannot see it. */
  readonly title: string;
  readonly file: string;
  readonly source: readonly SourceLine[];
  readonly command: string;
  readonly printed: readonly Printed[];
}

// In pixels, but for the columns; a character is 0.6 times as wide as the font is high.
const FONT = 14;
const CHARACTER = FONT * 0.6;
const LINE = 21;
const PADDING = 18;
const COLUMNS = 100;
const BAR = 36;

const COLOURS = {
  window: '#0d1117',
  bar: '#161b22',
  border: '#30363d',
  text: '#e6edf3',
  faint: '#8b949e',
  green: '#3fb950',
  added: '#12261e',
  removed: '#25171c',
  red: '#ff7b72',
} as const;

interface Span {
  readonly text: string;
  readonly colour: keyof typeof COLOURS;
  readonly bold?: boolean;
}

interface Row {
  readonly spans: readonly Span[];
  readonly background?: 'added' | 'removed';
}

/** Draws an editor with some lines of a file, and below it a terminal with one command and what it printed. */
export function terminalSvg({ title, file, source, command, printed }: Terminal): string {
  const digits = Math.max(...source.map(({ number }) => `${number}`.length));
  const editor = source.map(({ number, text, sign }): Row => ({
    ...(sign === '+' && { background: 'added' }),
    ...(sign === '-' && { background: 'removed' }),
    spans: [
      {
        text: `${`${number}`.padStart(digits)} ${sign} `,
        colour: sign === '+' ? 'green' : sign === '-' ? 'red' : 'faint',
      },
      { text, colour: 'text' },
    ],
  }));
  const terminal: Row[] = [
    {
      spans: [
        { text: '$ ', colour: 'green', bold: true },
        { text: command, colour: 'text', bold: true },
      ],
    },
    ...printed.flatMap(({ text: line, colour }) =>
      wrap(line).map((text): Row => ({ spans: [{ text, colour }] })),
    ),
  ];
  const width = Math.ceil(COLUMNS * CHARACTER + 2 * PADDING);
  const divider = BAR + editor.length * LINE + 2 * PADDING;
  const height = divider + terminal.length * LINE + 2 * PADDING;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escapeXml(title)}">
<title>${escapeXml(title)}</title>
<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8" fill="${COLOURS.window}" stroke="${COLOURS.border}"/>
<path d="M0.5 ${BAR} V8.5 a8 8 0 0 1 8 -8 H${width - 8.5} a8 8 0 0 1 8 8 V${BAR} Z" fill="${COLOURS.bar}" stroke="${COLOURS.border}"/>
<path d="M0.5 ${divider} H${width - 0.5}" stroke="${COLOURS.border}"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace" font-size="${FONT}" xml:space="preserve">
${line([{ text: file, colour: 'faint' }], 23)}
${rows(editor, BAR + PADDING, width)}
${rows(terminal, divider + PADDING, width)}
</g>
</svg>
`;
}

function rows(all: readonly Row[], top: number, width: number): string {
  return all
    .map(({ spans, background: colour }, index) => {
      const y = top + index * LINE;
      const background =
        colour === undefined
          ? ''
          : `<rect x="1" y="${y}" width="${width - 2}" height="${LINE}" fill="${COLOURS[colour]}"/>\n`;
      return background + line(spans, y + 15);
    })
    .join('\n');
}

/** Each span has a place and a width of its own, so that it fits whatever the font of who looks at it. */
function line(spans: readonly Span[], y: number): string {
  let column = 0;
  return spans
    .map(({ text, colour, bold }) => {
      const indentation = text.length - text.trimStart().length;
      const x = PADDING + (column + indentation) * CHARACTER;
      column += text.length;
      const visible = text.trim();
      const weight = bold ? ' font-weight="600"' : '';
      return `<text x="${x.toFixed(1)}" y="${y}" textLength="${(visible.length * CHARACTER).toFixed(1)}" lengthAdjust="spacingAndGlyphs" fill="${COLOURS[colour]}"${weight}>${escapeXml(visible)}</text>`;
    })
    .join('');
}

/** At blanks, where a terminal would break within a word; what goes on is set in further than the line began. */
function wrap(text: string, furtherIn = `${/^ */.exec(text)?.[0] ?? ''}  `): string[] {
  if (text.length <= COLUMNS) return [text];
  const at = text.lastIndexOf(' ', COLUMNS);
  const end = at > furtherIn.length ? at : COLUMNS;
  return [text.slice(0, end), ...wrap(furtherIn + text.slice(end).trimStart(), furtherIn)];
}

export function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
