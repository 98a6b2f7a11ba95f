/** How text that anybody may have written is put where it means nothing but itself. */
import { printable } from '../../words/printable';

/** For HTML, between tags and in quoted attributes. */
export function html(text: string): string {
  return printable(text).replace(/[&<>"'`#]/g, entity);
}

/**
 * For GitHub's Markdown, within a line: nothing in it is markup, and nothing in it becomes a mention,
 * a link or a reference to an issue. An entity is never a delimiter (CommonMark, section 6.2).
 */
export function markdown(text: string): string {
  return entities(text)
    .replace(/:(?=\/)/g, entity)
    .replace(/(&#64;|&#35;)(?=\w)/g, `$1${ZERO_WIDTH}`)
    .replace(/(www|GH|https?|ftp|mailto|xmpp)(?=[.-]|&#58;)/gi, `$1${ZERO_WIDTH}`)
    .replace(/^(\d+)([.)])(?=\s|$)/, `$1${ZERO_WIDTH}$2`);
}

/**
 * The same as code. GitHub mentions nobody in it, and links an address as anywhere between tags.
 */
export function markdownCode(text: string): string {
  const shown = entities(text).replace(/:(?=\/)|(?<=\bwww)\./gi, entity);
  return `<code>${shown}</code>`;
}

/** Lines as a block of code, which no line of theirs ends. */
export function markdownFence(language: string, lines: readonly string[]): string[] {
  const shown = lines.map(printable);
  const longest = Math.max(2, ...shown.flatMap((line) => runsOf(line)));
  const fence = '`'.repeat(longest + 1);
  return [`${fence}${language}`, ...shown, fence];
}

/** For the quoted label of a node or an edge of a Mermaid diagram. */
export function mermaid(text: string): string {
  return printable(text).replace(
    /[^\p{L}\p{N} /._-]/gu,
    (character) => `#${character.codePointAt(0) ?? 0};`,
  );
}

const ZERO_WIDTH = '&#8203;';

function entities(text: string): string {
  return printable(text)
    .replace(/[&<>`\\*_~[\]#|@$]/g, entity)
    .replace(/^[-+=]/, entity);
}

function entity(character: string): string {
  return `&#${character.codePointAt(0) ?? 0};`;
}

function runsOf(line: string): number[] {
  return [...line.matchAll(/`+/g)].map(([run]) => run.length);
}
