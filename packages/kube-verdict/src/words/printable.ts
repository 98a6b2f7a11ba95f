/**
 * What a terminal or the log of a workflow would take for something else than text, and what nobody sees: control
 * characters, separators of lines, marks that turn the direction of writing, halves of characters.
 */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Where a workflow of GitHub would read a command: https://github.com/actions/runner (ActionCommand.cs). */
const COMMAND = /(?<=^\s*):(?=:)|#(?=#\[)/g;

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function escaped(character: string): string {
  const named = NAMED[character];
  if (named !== undefined) return named;
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}

/** Text that is text alone, wherever it is printed. */
export function plain(text: string): string {
  return text.replace(UNSAFE, escaped);
}

/** A line of text that is one line, and no command to a workflow. */
export function printable(text: string): string {
  return plain(text).replace(COMMAND, escaped);
}

/** A line of JSON, likewise: the same value, with more of it escaped. */
export function printableJson(value: unknown): string {
  return plain(JSON.stringify(value)).replaceAll('##[', '#\\u0023[');
}
