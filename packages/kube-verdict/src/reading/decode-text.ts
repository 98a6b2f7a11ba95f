import { isUtf8 } from 'node:buffer';
import type { Position } from './position';

/** A file's text, and what is odd about its bytes. */
export interface DecodedText {
  readonly text: string;
  /** What kubectl reads all the same, and does not say. */
  readonly warning?: Oddity;
  /** What it cannot read. */
  readonly mistake?: Oddity;
}

interface Oddity {
  readonly message: string;
  readonly position: Position;
}

/**
 * Decodes bytes as kubectl does: UTF-8, or UTF-16 where a byte order mark says so. What is no
 * UTF-8 it replaces in silence.
 */
export function decodeText(bytes: Uint8Array): DecodedText {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return { text: new TextDecoder('utf-16le').decode(bytes) };
  if (first === 0xfe && second === 0xff) return { text: new TextDecoder('utf-16be').decode(bytes) };
  const text = new TextDecoder().decode(bytes);
  if (isUtf8(bytes)) return { text };
  let at = 0;
  const whole = new TextEncoder().encode(text);
  const mark = bytes.length >= 3 && first === 0xef && second === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  while (bytes[mark + at] === whole[at]) at++;
  const before = new TextDecoder().decode(whole.subarray(0, at)).split('\n');
  const position = { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
  // Behind a byte order mark kubectl replaces nothing, and its reader of YAML refuses the bytes.
  return mark > 0
    ? { text: '', mistake: { message: 'not UTF-8', position } }
    : { text, warning: { message: 'not UTF-8: kubectl reads U+FFFD here', position } };
}
