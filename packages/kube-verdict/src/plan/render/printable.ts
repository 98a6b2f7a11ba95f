/**
 * Text with everything that is not a mark on the paper written out as `\u{…}`: no control character
 * reaches a terminal, no name makes a line of its own, and no direction is turned round. Nor does it
 * begin as a workflow command of GitHub's, `::error::` at the start of a line or `##[error]` in one.
 */
export function printable(text: string): string {
  return text.replace(
    /(?<=^\s*):(?=:)|#(?=#\[)|[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu,
    (character) => {
      if (character === '\t') return ' ';
      return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
    },
  );
}
