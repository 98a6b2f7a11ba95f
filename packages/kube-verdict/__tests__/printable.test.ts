/** What a terminal, a log and a line of JSON are given of names that somebody chose to mislead. */
import { printable, printableJson } from '../src/words/printable';

const HIDDEN = 'a\u00ad\u200b\u{e0041}\u202eb\ud800';

it('writes out what nobody sees, in text and in JSON alike', () => {
  const shown = 'a\\u00ad\\u200b\\udb40\\udc41\\u202eb\\ud800';
  expect(printable(HIDDEN)).toBe(shown);
  expect(printableJson(HIDDEN)).toBe(`"${shown}"`);
  expect(JSON.parse(printableJson(HIDDEN))).toBe(HIDDEN);
});

it('begins no command to a workflow', () => {
  expect(printable('::error::x')).toBe('\\u003a:error::x');
  expect(printable(' ::error::x ##[error]')).toBe(' \\u003a:error::x \\u0023#[error]');
});
