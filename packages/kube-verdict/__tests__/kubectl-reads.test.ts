import * as fc from 'fast-check';
import { loadVerdict } from '../src/index';
import { decodeText } from '../src/reading/decode-text';
import { type ReadDocument, Reader } from '../src/reading/reader';
import { openPool } from '../src/workers/open-pool';
import type { WorkerPool } from '../src/workers/worker-pool';
import { run } from './command';
import { anyFile, SEED } from './files';
import { nativeCommand } from './native';

/** Files that are compared in a run. */
const FILES = 20_000;

/** What kubectl makes of a file, up to the first document that it cannot read. */
interface KubectlFile {
  readonly documents: readonly {
    readonly objects: readonly object[] | null;
    readonly error?: string;
  }[];
  readonly error?: string;
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
  const files = fc.sample(anyFile, { numRuns: FILES, seed: SEED });
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
