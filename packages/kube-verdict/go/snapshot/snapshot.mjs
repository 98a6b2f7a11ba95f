// node snapshot.mjs INPUT OUTPUT [WARMUP]: initialises the module INPUT and
// writes one that starts where INPUT's _initialize returned: its memory as data
// segments, its globals as constants, and an empty _initialize. WARMUP is a
// file of requests, one per line, that are answered before.
//
// Go's runtime keeps its whole state in linear memory and in the module's
// globals, and no frame is left on the host's stack when an export returns.

import { readFileSync, writeFileSync } from 'node:fs';

import { deterministicWASI } from './wasi.mjs';
import * as wasm from './wasm.mjs';

const [input, output, warmup] = process.argv.slice(2);
const original = readFileSync(input);
const header = original.subarray(0, 8);
const all = wasm.sections(original);
const bodyOf = (id) => {
  const found = all.find((s) => s.id === id);
  if (found === undefined) throw new Error(`${input} has no section ${id}`);
  return found.body;
};

const globals = wasm.globals(bodyOf(wasm.section.global));
const exported = wasm.exportsOf(bodyOf(wasm.section.export));
const nameOf = (index) => `snapshot.global${index}`;

/** The module with its globals exported, so that they can be read. */
const open = wasm.assemble(
  header,
  all.map((s) =>
    s.id === wasm.section.export
      ? { id: s.id, body: wasm.exportSection([...exported, ...globals.map((_, index) => ({ name: nameOf(index), kind: 3, index }))]) }
      : s,
  ),
);

let instance;
instance = new WebAssembly.Instance(new WebAssembly.Module(open), deterministicWASI(() => instance));
const { memory, _initialize, alloc, answer } = instance.exports;
_initialize();
for (const line of warmup === undefined ? [] : readFileSync(warmup, 'utf8').split('\n').filter(Boolean)) {
  const request = Buffer.from(line);
  const address = alloc(request.length); // may grow the memory, which detaches its buffer
  new Uint8Array(memory.buffer, address, request.length).set(request);
  answer();
}

const initialize = exported.find((e) => e.name === '_initialize');
const pages = memory.buffer.byteLength / 65536;
const rewritten = {
  [wasm.section.memory]: () => Buffer.concat([Buffer.from([1, 0]), wasm.unsigned(pages)]),
  [wasm.section.global]: () =>
    wasm.globalSection(globals.map(({ type }, index) => ({ type, value: instance.exports[nameOf(index)].value }))),
  [wasm.section.code]: (body) => wasm.emptyFunction(body, initialize.index - wasm.importedFunctions(bodyOf(wasm.section.import))),
  [wasm.section.data]: () => wasm.dataSection(Buffer.from(memory.buffer)),
};
writeFileSync(output, wasm.assemble(header, all.map(({ id, body }) => ({ id, body: rewritten[id]?.(body) ?? body }))));
