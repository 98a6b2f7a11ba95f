// The parts of the WebAssembly binary format that a snapshot rewrites.
// https://webassembly.github.io/spec/core/binary/modules.html

export const section = { type: 1, import: 2, function: 3, memory: 5, global: 6, export: 7, code: 10, data: 11, dataCount: 12 };

const i32 = 0x7f;
const i64 = 0x7e;
const end = 0x0b;

/** Reads a module's bytes from front to back. */
export class Reader {
  constructor(bytes, offset = 0) {
    this.bytes = bytes;
    this.offset = offset;
  }

  byte() {
    return this.bytes[this.offset++];
  }

  unsigned() {
    let result = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      result += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return result;
    }
  }

  take(length) {
    const part = this.bytes.subarray(this.offset, this.offset + length);
    this.offset += length;
    return part;
  }

  text() {
    return Buffer.from(this.take(this.unsigned())).toString();
  }
}

export function unsigned(value) {
  const out = [];
  do {
    const rest = Math.floor(value / 128);
    out.push((value % 128) | (rest > 0 ? 0x80 : 0));
    value = rest;
  } while (value > 0);
  return Buffer.from(out);
}

export function signed(value) {
  const out = [];
  for (let rest = BigInt(value); ; ) {
    const byte = Number(rest & 0x7fn);
    rest >>= 7n;
    if ((rest === 0n && (byte & 0x40) === 0) || (rest === -1n && (byte & 0x40) !== 0)) {
      out.push(byte);
      return Buffer.from(out);
    }
    out.push(byte | 0x80);
  }
}

export function text(value) {
  const bytes = Buffer.from(value);
  return Buffer.concat([unsigned(bytes.length), bytes]);
}

/** A vector: its length, then its items. */
export function vector(items) {
  return Buffer.concat([unsigned(items.length), ...items]);
}

/** Splits a module into sections, in order. */
export function sections(wasm) {
  const reader = new Reader(wasm, 8);
  const all = [];
  while (reader.offset < wasm.length) {
    const id = reader.byte();
    all.push({ id, body: reader.take(reader.unsigned()) });
  }
  return all;
}

export function assemble(header, all) {
  return Buffer.concat([
    header,
    ...all.flatMap(({ id, body }) => [Buffer.from([id]), unsigned(body.length), body]),
  ]);
}

/** The globals: types i32 and i64, all mutable, as Go's linker makes them. */
export function globals(body) {
  const reader = new Reader(body);
  return Array.from({ length: reader.unsigned() }, (_, index) => {
    const type = reader.byte();
    const mutable = reader.byte();
    if ((type !== i32 && type !== i64) || mutable !== 1) throw new Error(`global ${index} is not a mutable integer`);
    reader.byte(); // i32.const or i64.const
    while (reader.byte() >= 0x80);
    if (reader.byte() !== end) throw new Error(`global ${index} has more than a constant`);
    return { type };
  });
}

export function globalSection(all) {
  return vector(
    all.map(({ type, value }) =>
      Buffer.concat([Buffer.from([type, 1, type === i32 ? 0x41 : 0x42]), signed(value), Buffer.from([end])]),
    ),
  );
}

/** The exports, as name, kind and index. */
export function exportsOf(body) {
  const reader = new Reader(body);
  return Array.from({ length: reader.unsigned() }, () => ({
    name: reader.text(),
    kind: reader.byte(),
    index: reader.unsigned(),
  }));
}

export function exportSection(all) {
  return vector(all.map(({ name, kind, index }) => Buffer.concat([text(name), Buffer.from([kind]), unsigned(index)])));
}

/** How many functions a module imports. */
export function importedFunctions(body) {
  const reader = new Reader(body);
  let functions = 0;
  for (let left = reader.unsigned(); left > 0; left--) {
    reader.text();
    reader.text();
    if (reader.byte() !== 0) throw new Error('the module imports more than functions');
    reader.unsigned();
    functions++;
  }
  return functions;
}

/** The code section with the body of one function emptied. */
export function emptyFunction(body, index) {
  const reader = new Reader(body);
  const count = reader.unsigned();
  if (index >= count) throw new Error(`there is no function ${index}`);
  for (let i = 0; i < index; i++) reader.take(reader.unsigned());
  const start = reader.offset;
  reader.take(reader.unsigned());
  return Buffer.concat([body.subarray(0, start), Buffer.from([2, 0, end]), body.subarray(reader.offset)]);
}

/** Data segments for what is not zero; gaps of zeros shorter than `gap` are kept. */
export function dataSection(memory, gap = 64) {
  const segments = [];
  let start = -1;
  let last = -1;
  const flush = () => {
    if (start < 0) return;
    segments.push(
      Buffer.concat([
        Buffer.from([0, 0x41]),
        signed(start),
        Buffer.from([end]),
        unsigned(last + 1 - start),
        memory.subarray(start, last + 1),
      ]),
    );
  };
  for (let i = 0; i < memory.length; i++) {
    if (memory[i] === 0) continue;
    if (start >= 0 && i - last > gap) {
      flush();
      start = -1;
    }
    if (start < 0) start = i;
    last = i;
  }
  flush();
  return vector(segments);
}
