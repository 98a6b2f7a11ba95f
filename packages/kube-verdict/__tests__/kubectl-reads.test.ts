import * as fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify, type ToStringOptions } from 'yaml';
import { loadVerdict } from '../src/index';
import { decodeText } from '../src/reading/decode-text';
import { type ReadDocument, Reader } from '../src/reading/reader';
import { openPool } from '../src/workers/open-pool';
import type { WorkerPool } from '../src/workers/worker-pool';
import { manifests } from './arbitraries';
import { run } from './command';
import { nativeCommand } from './native';

/** Files that are compared in a run. */
const FILES = 20_000;
/** Another run draws others; KUBE_VERDICT_SEED repeats one. */
const SEED = Number(process.env.KUBE_VERDICT_SEED ?? Math.floor(Math.random() * 2 ** 31));

/** What kubectl makes of a file, up to the first document that it cannot read. */
interface KubectlFile {
  readonly documents: readonly {
    readonly objects: readonly object[] | null;
    readonly error?: string;
  }[];
  readonly error?: string;
}

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

const file = fc
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

async function kubectlReads(files: readonly Uint8Array[]): Promise<KubectlFile[]> {
  const input = files.map((bytes) => `${Buffer.from(bytes).toString('base64')}\n`).join('');
  const native = await run(await nativeCommand('kubectl-reader'), [], { input });
  expect({ code: native.code, err: native.err }).toEqual({ code: 0, err: '' });
  const lines = native.out.trimEnd().split('\n');
  expect(lines).toHaveLength(files.length);
  return lines.map((line) => JSON.parse(line) as KubectlFile);
}

/** Whether kubectl answers so another time: of keys such as 1 and "1" it takes one at random. */
async function mayRead(bytes: Uint8Array, ours: readonly ReadDocument[]): Promise<boolean> {
  const answers = await kubectlReads(Array.from({ length: 64 }, () => bytes));
  return answers.some((theirs) => difference(ours, theirs) === undefined);
}

/** Bytes that are UTF-8 by their mark alone: kubectl reads some of them as UTF-16, or as JSON. */
function isMixed(bytes: Uint8Array): boolean {
  return decodeText(bytes).mistake !== undefined;
}

/** What the package makes of it, to be compared: manifests, and where nothing can be read. */
async function read(reader: Reader, bytes: Uint8Array): Promise<ReadDocument[]> {
  const { text } = decodeText(bytes);
  const documents: ReadDocument[] = [];
  for (const { start, end, json, mistake } of await reader.split(text)) {
    documents.push(
      mistake === undefined
        ? await reader.read(text.slice(start, end), json)
        : { objects: [], mistake: { line: 1, message: mistake } },
    );
  }
  return documents.filter(({ objects, mistake }) => objects.length > 0 || mistake !== undefined);
}

/** Why the two differ; undefined where they do not. */
function difference(ours: readonly ReadDocument[], theirs: KubectlFile): string | undefined {
  const documents = theirs.documents.filter(
    ({ objects, error }) => error !== undefined || (objects ?? []).length > 0,
  );
  for (const [i, document] of documents.entries()) {
    const wanted = (document.objects ?? []).map((one) => JSON.stringify(one)).filter(isComplete);
    const got = (ours[i]?.objects ?? []).map(({ manifest }) => manifest);
    // kubectl cannot tell its kind, and says no; here that is the verdict on it, which says why.
    if (document.error !== undefined && got.length === 1 && got.every(isOfNoGroupVersion)) continue;
    const same = got.length === wanted.length && got.every((one, at) => sameJson(one, wanted[at]));
    if (!same) return `document ${i}: ${got.join()}; kubectl: ${wanted.join()}`;
    const isWhole = document.error === undefined && wanted.length === document.objects?.length;
    if (isWhole !== (ours[i]?.mistake === undefined))
      return `document ${i}: a mistake of one alone`;
  }
  const next = ours[documents.length];
  if (theirs.error === undefined) {
    return next === undefined ? undefined : `${JSON.stringify(next)}; kubectl has nothing more`;
  }
  return next?.mistake === undefined ? `kubectl: ${theirs.error}` : undefined;
}

/** Both are rounded alike, which is enough beside the comparison of the Go side. */
function sameJson(ours: string, theirs: string | undefined): boolean {
  return JSON.stringify(JSON.parse(ours)) === theirs;
}

function isOfNoGroupVersion(json: string): boolean {
  const { apiVersion } = JSON.parse(json) as { apiVersion: string };
  return apiVersion.split('/').length > 2;
}

it('an apiVersion that is no group and version is refused, as kubectl refuses it', async () => {
  await using verdict = await loadVerdict();
  const { accepted, errors } = await verdict.create({ apiVersion: 'a/v1 a/v1', kind: 'Role' });
  expect(accepted).toBe(false);
  expect(errors[0]?.message).toContain('unexpected GroupVersion string: a/v1 a/v1');
});

function isComplete(json: string): boolean {
  const { apiVersion, kind } = JSON.parse(json) as Record<string, unknown>;
  return [apiVersion, kind].every((name) => typeof name === 'string' && name !== '');
}

let pool: WorkerPool;
let reader: Reader;
beforeAll(async () => {
  pool = await openPool();
  reader = new Reader((request) => pool.ask(request));
});
afterAll(() => {
  pool.close();
});

it('takes one of two keys that kubectl takes for the same, as it may', async () => {
  const bytes = Buffer.from('apiVersion: v1\nkind: A\nx: {1: a, "1": b, 0x1: c}\n');
  const ours = await read(reader, bytes);
  expect(await mayRead(bytes, ours)).toBe(true);
  const other = Buffer.from(String(bytes).replace('c', 'd').replace(/[ab],/g, 'd,'));
  expect(await mayRead(bytes, await read(reader, other))).toBe(false);
});

it(`reads ${FILES} files as kubectl does`, async () => {
  const files = fc.sample(file, { numRuns: FILES, seed: SEED });
  const answers = await kubectlReads(files);
  let objects = 0;
  let mistakes = 0;
  const compare = async (from: number): Promise<void> => {
    for (let i = from; i < FILES; i += 64) {
      const bytes = files[i] ?? Buffer.alloc(0);
      const theirs = answers[i];
      if (theirs === undefined || isMixed(bytes)) continue;
      const ours = await read(reader, bytes);
      const differs = difference(ours, theirs);
      if (differs !== undefined && !(await mayRead(bytes, ours))) {
        throw new Error(
          `seed ${SEED}, file ${i}: ${differs}\n${JSON.stringify(bytes.toString('latin1'))}`,
        );
      }
      if (theirs.error === undefined) objects++;
      else mistakes++;
    }
  };
  await Promise.all(Array.from({ length: 64 }, (_, i) => compare(i)));
  // The files are worth something only if many can be read and many cannot.
  expect(Math.min(objects, mistakes)).toBeGreaterThan(FILES / 8);
});
