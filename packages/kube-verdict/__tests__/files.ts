import * as fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify, type ToStringOptions } from 'yaml';
import { manifests } from './arbitraries';

/** Another run draws others; KUBE_VERDICT_SEED repeats one. */
export const SEED = Number(process.env.KUBE_VERDICT_SEED ?? Math.floor(Math.random() * 2 ** 31));

const corpus = readFileSync(
  join(__dirname, '..', 'go', 'judge', 'testdata', 'manifests.yaml'),
  'utf8',
).split('\n---\n');

const writing = fc.constantFrom<ToStringOptions & { version?: '1.1' | '1.2' }>(
  { version: '1.1' },
  { version: '1.2' },
  { version: '1.1', collectionStyle: 'flow' },
  { version: '1.1', defaultStringType: 'QUOTE_SINGLE', lineWidth: 20 },
  { version: '1.1', defaultStringType: 'BLOCK_FOLDED', lineWidth: 20 },
  { version: '1.1', indentSeq: false, indent: 3 },
);

const document = fc.oneof(
  fc.tuple(manifests, writing).map(([manifest, options]) => stringify(manifest, options)),
  fc
    .tuple(manifests, fc.constantFrom(undefined, 1, '\t'))
    .map(([m, indent]) => JSON.stringify(m, undefined, indent)),
  fc.constantFrom(...corpus),
  fc
    .tuple(fc.object({ maxDepth: 3 }), writing)
    .map(([value, options]) => stringify(value, options)),
  fc.constantFrom(
    '',
    '# nothing\n',
    'null',
    '~',
    'text',
    '[1, 2]',
    '{"apiVersion":"v1","kind":"List","items":[{}]}',
  ),
);

/** What the readers of YAML differ in, and where documents are cut. */
const TROUBLE = [
  '\n---\n',
  '---',
  '--- # c\n',
  '---# c\n',
  '--- x\n',
  '\n...\n',
  '\n%YAML 1.2\n',
  '\n%\n',
  '\t',
  '\n\t\n',
  '\r',
  '\r\n',
  '#',
  '#x',
  ' #',
  '"',
  "'",
  '\\',
  '[',
  ']',
  '{',
  '}',
  ',',
  ':',
  ': ',
  '- ',
  '? ',
  '&a ',
  '*a',
  '!!str ',
  '!!binary ',
  '<<: *a',
  '|',
  '>-',
  '\u2028',
  '\u0085',
  '\u007f',
  '\u0000',
  '\ufeff',
  '\ufffd',
  'é',
  '😀',
  '0x1F',
  '0o17',
  '0b1',
  '1_000',
  '.inf',
  '.nan',
  '-0',
  '1e999',
  'on',
  'NO',
  '~',
  '=',
  '2001:db8::',
  '{}#c',
  '9223372036854775808',
  'null',
  '{{ .Values.a }}',
];

const mutation = fc.oneof(
  fc.record({
    kind: fc.constant('insert' as const),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    text: fc.constantFrom(...TROUBLE),
  }),
  fc.record({
    kind: fc.constant('delete' as const),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.integer({ min: 1, max: 6 }),
  }),
  fc.record({
    kind: fc.constant('repeat' as const),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
  fc.record({
    kind: fc.constant('byte' as const),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    byte: fc.integer({ min: 0, max: 255 }),
  }),
);

/** Bytes of files that hold documents written in many ways, mostly with mistakes in them. */
export const anyFile = fc
  .record({
    documents: fc.array(document, { minLength: 1, maxLength: 3 }),
    separator: fc.constantFrom('---\n', '\n---\n', '--- # c\n', '\n', '\r\n---\r\n', ''),
    mutations: fc.array(mutation, { maxLength: 3 }),
    encoding: fc.constantFrom('utf8', 'utf8', 'utf8', 'utf8', 'utf8 with mark', 'utf16le'),
  })
  .map(({ documents, separator, mutations, encoding }) => {
    const text = documents.join(separator);
    let bytes =
      encoding === 'utf16le'
        ? Buffer.from(`\ufeff${text}`, 'utf16le')
        : Buffer.from(encoding === 'utf8' ? text : `\ufeff${text}`);
    for (const one of mutations) bytes = mutated(bytes, one);
    return bytes;
  });

type Mutation = typeof mutation extends fc.Arbitrary<infer M> ? M : never;

function mutated(bytes: Buffer, one: Mutation): Buffer<ArrayBuffer> {
  const at = Math.floor(one.at * bytes.length);
  const before = bytes.subarray(0, at);
  const after = bytes.subarray(at);
  switch (one.kind) {
    case 'insert':
      return Buffer.concat([before, Buffer.from(one.text), after]);
    case 'delete':
      return Buffer.concat([before, after.subarray(one.length)]);
    case 'byte':
      return Buffer.concat([before, Buffer.from([one.byte]), after]);
    case 'repeat': {
      const end = after.indexOf('\n');
      return Buffer.concat([before, after.subarray(0, end + 1), after]);
    }
  }
}
