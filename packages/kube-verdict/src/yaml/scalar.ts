/**
 * What a plain scalar means to Kubernetes' YAML reader: sigs.k8s.io/yaml reads with go-yaml 2,
 * whose resolve.go knows YAML 1.1's booleans (`on`, `no`, `y`), octal numbers with a leading zero
 * and underscores in numbers, but neither sexagesimal numbers nor dates.
 */
export type PlainValue = string | number | bigint | boolean | null;

const WORDS: ReadonlyMap<string, boolean | number | null> = new Map<
  string,
  boolean | number | null
>([
  ...entries(['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'], true),
  ...entries(['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'], false),
  ...entries(['', '~', 'null', 'Null', 'NULL'], null),
  ...entries(['.nan', '.NaN', '.NAN'], NaN),
  ...entries(['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'], Infinity),
  ...entries(['-.inf', '-.Inf', '-.INF'], -Infinity),
]);

const INTEGER = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))$/;
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const MIN_INT64 = -(2n ** 63n);
const MAX_UINT64 = 2n ** 64n - 1n;

export function resolvePlain(source: string): PlainValue {
  const word = WORDS.get(source);
  if (word !== undefined) return word;
  const first = source.charCodeAt(0);
  const digit = first >= 48 && first <= 57;
  if (!digit && !'+-.'.includes(source.charAt(0))) return source;
  const plain = source.startsWith('.') ? source : source.replaceAll('_', '');
  return integer(plain) ?? (FLOAT.test(plain) ? Number(plain) : source);
}

/** Undefined when the text is no integer, or one that no 64 bits hold. */
function integer(text: string): number | bigint | undefined {
  const match = INTEGER.exec(text);
  if (match === null) return undefined;
  const [, sign = '', hex, binary, octal, decimal] = match;
  const digits =
    hex !== undefined
      ? `0x${hex}`
      : binary !== undefined
        ? `0b${binary}`
        : octal !== undefined
          ? `0o${octal}`
          : (decimal ?? '');
  if (digits.length > 70) return undefined;
  const value = sign === '-' ? -BigInt(digits) : BigInt(digits);
  if (value < MIN_INT64 || value > MAX_UINT64) return undefined;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function entries<V>(words: readonly string[], value: V): [string, V][] {
  return words.map((word) => [word, value]);
}
