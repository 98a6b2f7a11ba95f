/**
 * JSON of a value. BigInts are written as the integers they are: Kubernetes has 64-bit fields,
 * which JavaScript's numbers would round.
 * @throws TypeError when the value refers to itself
 * @throws RangeError when it is nested too deeply
 */
export function toJson(value: object): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (!(error instanceof TypeError) || !error.message.includes('BigInt')) throw error;
  }
  const mark = crypto.randomUUID();
  const text = JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'bigint' ? `${mark}${inner.toString()}` : inner,
  );
  return text.replace(new RegExp(`"${mark}(-?\\d+)"`, 'g'), '$1');
}
