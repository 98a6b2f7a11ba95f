/**
 * JSON of a value. BigInts are written as the integers they are: Kubernetes has 64-bit fields,
 * which JavaScript's numbers would round.
 * @throws TypeError when the value refers to itself
 * @throws RangeError when it is nested too deeply
 */
export function toJson(value: unknown, indent = 0): string {
  try {
    return JSON.stringify(value, null, indent);
  } catch (error) {
    if (!(error instanceof TypeError) || !error.message.includes('BigInt')) throw error;
  }
  const mark = crypto.randomUUID();
  const text = JSON.stringify(
    value,
    (_key, inner: unknown) => (typeof inner === 'bigint' ? `${mark}${inner}` : inner),
    indent,
  );
  return text.replace(new RegExp(`"${mark}(-?\\d+)"`, 'g'), '$1');
}

/** Where a text may hold an integer that a number of JavaScript does not. */
const LONG_INTEGER = /(?:^|[:,[\s])-?\d{16}/;
const STRING_OR_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/**
 * The value of a JSON text, with BigInts for the integers that JavaScript's numbers would round.
 * @throws SyntaxError when it is no JSON
 */
export function parseJson(text: string): unknown {
  if (!LONG_INTEGER.test(text)) return JSON.parse(text) as unknown;
  const mark = crypto.randomUUID();
  const marked = text.replace(STRING_OR_NUMBER, (token) =>
    /^-?\d+$/.test(token) && !Number.isSafeInteger(Number(token)) ? `"${mark}${token}"` : token,
  );
  return JSON.parse(marked, (_key, value: unknown) =>
    typeof value === 'string' && value.startsWith(mark) ? BigInt(value.slice(mark.length)) : value,
  ) as unknown;
}
