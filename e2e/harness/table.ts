/** Tables for a terminal and for Markdown. */

export interface Column {
  readonly title: string;
  /** Characters in a terminal; longer text goes on in a further line. @default as wide as its longest cell */
  readonly width?: number;
}

type Row = readonly string[];

/** Columns under their titles, a rule between; rows whose cells do not fit take several lines. */
export function terminalTable(columns: readonly Column[], rows: readonly Row[]): string {
  const widths = columns.map(({ title, width }, index) =>
    Math.max(
      title.length,
      Math.min(width ?? Infinity, ...[Math.max(...rows.map((row) => row[index]?.length ?? 0), 0)]),
    ),
  );
  const line = (cells: Row) =>
    widths
      .map((width, index) => (cells[index] ?? '').padEnd(width))
      .join('  ')
      .trimEnd();
  return [
    line(columns.map(({ title }) => title)),
    line(widths.map((width) => '─'.repeat(width))),
    ...rows.flatMap((row) => {
      const wrapped = widths.map((width, index) => wrap(row[index] ?? '', width));
      const height = Math.max(...wrapped.map(({ length }) => length));
      return Array.from({ length: height }, (_, at) => line(wrapped.map((cell) => cell[at] ?? '')));
    }),
  ].join('\n');
}

/** A table of GitHub Flavored Markdown: https://github.github.com/gfm/#tables-extension- */
export function markdownTable(columns: readonly Column[], rows: readonly Row[]): string {
  const line = (cells: Row) => `| ${cells.map(escapeCell).join(' | ')} |`;
  return [
    line(columns.map(({ title }) => title)),
    line(columns.map(() => '---')),
    ...rows.map(line),
  ].join('\n');
}

function escapeCell(text: string): string {
  return text
    .replaceAll('\\', '\\\\')
    .replaceAll('|', '\\|')
    .replaceAll('<', '&lt;')
    .replace(/\s*\n\s*/g, ' ');
}

/** Breaks a text at blanks into lines of at most `width` characters; a longer word is cut. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let rest = text.replace(/\s+/g, ' ').trim();
  while (rest.length > width) {
    const blank = rest.lastIndexOf(' ', width);
    const end = blank > 0 ? blank : width;
    lines.push(rest.slice(0, end));
    rest = rest.slice(end).trimStart();
  }
  return [...lines, rest];
}
