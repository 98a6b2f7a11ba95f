import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { loadVerdict } from '../src/index';
import { pod } from './manifests';
import { misbehavingModule } from './modules';

const folder = join(__dirname, '..', 'module');
const compressed = readFileSync(join(folder, 'verdict.wasm.br'));
const raw = brotliDecompressSync(compressed);
const digest = readFileSync(join(folder, 'verdict.wasm.sha256'), 'utf8').slice(0, 64);

let cacheDir: string;

beforeEach(() => {
  cacheDir = mkdtempSync(join(tmpdir(), 'kube-verdict-test-'));
});

afterEach(() => {
  rmSync(cacheDir, { recursive: true });
});

async function judgesWith(options: Parameters<typeof loadVerdict>[0]): Promise<boolean | null> {
  await using verdict = await loadVerdict(options);
  return (await verdict.create(pod('web'))).accepted;
}

/** Polls until the whole module is there, since it is written beside the judging. */
async function cached(): Promise<string> {
  const path = join(cacheDir, digest, 'verdict.wasm');
  const deadline = Date.now() + 300_000;
  while (Date.now() < deadline) {
    if (existsSync(path) && readFileSync(path).equals(raw)) return path;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`${path} was not written; there is ${readdirSync(cacheDir).join() || 'nothing'}`);
}

describe('the cache', () => {
  it('keeps the decompressed module by its digest, whole, and nothing beside it', async () => {
    await using verdict = await loadVerdict({ cacheDir });
    expect((await verdict.create(pod('web'))).accepted).toBe(true);
    const bytes = readFileSync(await cached());
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(digest);
    expect(readdirSync(join(cacheDir, digest))).toEqual(['verdict.wasm']);
  });

  it.each([
    ['empty', Buffer.alloc(0)],
    ['cut short', raw.subarray(0, 1_000_000)],
    ['another module', Buffer.from('0061736d01000000', 'hex')],
    ['changed in one byte', Buffer.from(raw).fill(1, raw.length - 1)],
  ])('is not believed and is mended when its file is %s', async (_name, bytes) => {
    {
      await using first = await loadVerdict({ cacheDir });
      expect(first.kubernetes).toBe('1.34.10');
      writeFileSync(await cached(), bytes);
    }
    await using verdict = await loadVerdict({ cacheDir });
    expect((await verdict.create(pod('web'))).accepted).toBe(true);
    await cached();
  });

  it('need not be writable', async () => {
    const file = join(cacheDir, 'a-file');
    writeFileSync(file, '');
    expect(await judgesWith({ cacheDir: join(file, 'inside') })).toBe(true);
  });
});

describe('a module that is handed over', () => {
  it.each<[string, () => NonNullable<Parameters<typeof loadVerdict>[0]>['module']]>([
    ['raw bytes', () => raw],
    ['brotli-compressed bytes', () => compressed],
    ['an ArrayBuffer', () => new Uint8Array(raw).buffer],
    ['a Response', () => new Response(new Uint8Array(raw))],
    ['a compiled module', () => new WebAssembly.Module(new Uint8Array(raw))],
  ])('may be %s', async (_name, module) => {
    expect(await judgesWith({ module: module() })).toBe(true);
  });

  it('is refused when it is cut short', async () => {
    await expect(loadVerdict({ module: raw.subarray(0, 5_000_000) })).rejects.toThrow(
      /cannot start: its SHA-256 is [0-9a-f]{64}, expected [0-9a-f]{64}/,
    );
    await expect(loadVerdict({ module: compressed.subarray(0, 100_000) })).rejects.toThrow(
      /cannot start: neither WebAssembly nor a whole brotli file of it/,
    );
  });

  it('is refused when it is another', async () => {
    await expect(loadVerdict({ module: Buffer.from('0061736d01000000', 'hex') })).rejects.toThrow(
      /its SHA-256 is 93a44bbb96c751218e4c00d479e4c14358122a389acca16205b1e4d0dc5f9476/,
    );
    const empty = new WebAssembly.Module(Buffer.from('0061736d01000000', 'hex'));
    await expect(loadVerdict({ module: empty })).rejects.toThrow(
      "this WebAssembly module is not kube-verdict's: it does not export memory, alloc, answer",
    );
  });

  it('is refused when its fetch failed', async () => {
    const response = new Response('', { status: 404 });
    await expect(loadVerdict({ module: response })).rejects.toThrow(
      /the module cannot be fetched: .* answered 404/,
    );
  });

  it('may be a test double with the same exports', async () => {
    await using verdict = await loadVerdict({ module: misbehavingModule() });
    expect(verdict.kubernetes).toBe('0.0.0');
  });

  it.each([['text'], [42], [{}]])('is refused when it is %p', async (module) => {
    await expect(loadVerdict({ module: module as never })).rejects.toThrow(TypeError);
  });
});
