/** How much a plan in Markdown tells, and the pieces of it that are cut to that. */
import { wellFormed } from '../object-id';
import { markdown, markdownCode } from './escape';

/** How much is told. */
export interface Extent {
  /** Fields of each object. */
  readonly fields: number;
  /** Whether what there is to say of each object is told. */
  readonly details: boolean;
  readonly diagram: boolean;
  /** Lines of each table and list. */
  readonly rows: number;
  /** Characters of each sentence. */
  readonly sentence: number;
  /** What is left out, compared with the first. */
  readonly without: string;
}

export const ALL: Extent = {
  fields: 200,
  details: true,
  diagram: true,
  rows: 1_000,
  sentence: 2_000,
  without: '',
};
/** From all there is to what fits into a comment whatever is in it. */
export const EXTENTS: readonly Extent[] = [
  ALL,
  { ...ALL, fields: 5, without: 'all but five fields of each object' },
  { ...ALL, fields: 0, without: 'the fields of the objects' },
  { ...ALL, fields: 0, details: false, without: 'the details of the objects' },
  ...[300, 100, 30, 10, 3, 1].map((rows): Extent => ({
    fields: 0,
    details: false,
    diagram: rows >= 100,
    rows,
    sentence: rows >= 30 ? 300 : rows > 1 ? 120 : 60,
    without: `details, and of each list all but the worst ${rows}`,
  })),
];

/** The lines of the first few, and how many more there are. */
export function cut<T>(
  all: readonly T[],
  most: number,
  linesOf: (one: T) => readonly string[],
  prefix = '',
): string[] {
  const shown = all.slice(0, most).flatMap(linesOf);
  const more = all.length - most;
  const isTable = shown[0]?.startsWith('|') ?? false;
  if (more <= 0) return shown;
  return [...shown, isTable ? `| | and ${more} more | |` : `${prefix}- and ${more} more`];
}

/** Text that anybody may have written, as prose. */
export function sentence(text: string, { sentence: most }: Extent): string {
  return markdown(shortened(text, most));
}

/** The same as code. */
export function code(text: string, { sentence: most }: Extent): string {
  return markdownCode(shortened(text, most));
}

function shortened(text: string, most: number): string {
  return text.length <= most ? text : `${wellFormed(text.slice(0, most - 1))}…`;
}
