/**
 * A WebAssembly module with the exports of Kubernetes' code, which answers every request alike,
 * save that it never returns for a manifest that begins with the kind `Loop` and traps on `Trap`.
 */
export function misbehavingModule(): WebAssembly.Module {
  return new WebAssembly.Module(encode());
}

const ABOUT = '{"kubernetes":"0.0.0","kinds":[]}';
const ANSWER = '{"accepted":true,"errors":[],"warnings":[],"podErrors":[]}';

const INPUT = 65_536;
/** Where the kind begins in the request to create `{"kind":"…`. */
const KIND_AT = '{"op":"create","follow":["new"]}\t{"kind":"'.length;
const OP_AT = '{"op":"'.length;

const I32 = 0x7f;
const I64 = 0x7e;
const EMPTY = 0x40;

function encode(): Uint8Array<ArrayBuffer> {
  const answerOf = (at: number, text: string): number[] => [
    0x42,
    ...signed((BigInt(at) << 32n) | BigInt(text.length)),
  ];
  const when = (at: number, letter: string, then: number[]): number[] => [
    ...[0x41, ...signed(BigInt(INPUT + at)), 0x2d, 0, 0], // i32.load8_u
    ...[0x41, ...signed(BigInt(letter.charCodeAt(0))), 0x46], // i32.eq
    ...[0x04, EMPTY, ...then, 0x0b], // if
  ];
  const alloc = [0, 0x41, ...signed(BigInt(INPUT)), 0x0b];
  const answer = [
    0,
    ...when(OP_AT, 'a', [...answerOf(0, ABOUT), 0x0f]),
    ...when(KIND_AT, 'L', [0x03, EMPTY, 0x0c, 0, 0x0b]), // loop: br 0
    ...when(KIND_AT, 'T', [0x00]), // unreachable
    ...answerOf(256, ANSWER),
    0x0b,
  ];
  return new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [
      [0x60, 1, I32, 1, I32],
      [0x60, 0, 1, I64],
    ]),
    ...section(3, [[0], [1]]),
    ...section(5, [[0, 4]]),
    ...section(7, [
      [...name('memory'), 2, 0],
      [...name('alloc'), 0, 0],
      [...name('answer'), 0, 1],
    ]),
    ...section(10, [sized(alloc), sized(answer)]),
    ...section(11, [
      [0, 0x41, 0, 0x0b, ...name(ABOUT)],
      [0, 0x41, ...signed(256n), 0x0b, ...name(ANSWER)],
    ]),
  ]);
}

function section(id: number, entries: readonly number[][]): number[] {
  return [id, ...sized([entries.length, ...entries.flat()])];
}

function sized(bytes: readonly number[]): number[] {
  return [...unsigned(bytes.length), ...bytes];
}

function name(text: string): number[] {
  return sized([...new TextEncoder().encode(text)]);
}

/** LEB128. */
function unsigned(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];
}

function signed(value: bigint): number[] {
  const low = Number(value & 127n);
  const rest = value >> 7n;
  const last = (rest === 0n && low < 64) || (rest === -1n && low >= 64);
  return last ? [low] : [low | 128, ...signed(rest)];
}
