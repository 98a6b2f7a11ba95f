import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { promisify } from 'node:util';
import { MessageChannel } from 'node:worker_threads';
import { brotliDecompress } from 'node:zlib';
import { makeFolder } from './make-folder';
import { sha256 } from './sha256';

/** Where a module comes from: compiled already, as bytes, or from the package's files. */
export type ModuleSource =
  | { readonly kind: 'compiled'; readonly module: WebAssembly.Module }
  | {
      readonly kind: 'bytes';
      readonly bytes: Uint8Array;
      readonly sha256: string;
      readonly optimize: boolean;
    }
  | {
      readonly kind: 'package';
      readonly folder: string;
      readonly cacheDir: string;
      readonly optimize: boolean;
    };

export interface LoadedModule {
  readonly module: WebAssembly.Module;
  /** Resolves when the cache is written, or cannot be, which is no error. */
  readonly kept: Promise<void>;
}

const nothingToKeep = Promise.resolve();

/**
 * The folder that modules are cached in: `$XDG_CACHE_HOME/kube-verdict`, else
 * `~/.cache/kube-verdict` (XDG Base Directory Specification).
 */
export function defaultCacheDir(): string {
  const configured = process.env.XDG_CACHE_HOME;
  // The specification says that a relative path is invalid and to be ignored.
  const base = configured?.startsWith('/') === true ? configured : join(homedir(), '.cache');
  return join(base, 'kube-verdict');
}

/**
 * Compiles the module of a source. Bytes are compiled only when their SHA-256 is the expected one.
 * @throws Error that says what is wrong with the module and how to mend it
 */
export async function loadModule(source: ModuleSource): Promise<LoadedModule> {
  switch (source.kind) {
    case 'compiled':
      return { module: source.module, kept: nothingToKeep };
    case 'bytes':
      return {
        module: await compileVerified(
          await decompressed(source.bytes),
          source.sha256,
          source.optimize,
        ),
        kept: nothingToKeep,
      };
    case 'package':
      return fromPackage(source);
  }
}

/** The SHA-256 of the package's module, lower-case hexadecimal. */
export async function expectedDigest(folder: string): Promise<string> {
  const path = join(folder, 'verdict.wasm.sha256');
  const digest = /^[0-9a-f]{64}/.exec(await readFile(path, 'utf8'))?.[0];
  if (digest === undefined) throw new Error(`${path} does not begin with a SHA-256`);
  return digest;
}

async function fromPackage({
  folder,
  cacheDir,
  optimize,
}: Extract<ModuleSource, { kind: 'package' }>): Promise<LoadedModule> {
  const digest = await expectedDigest(folder);
  const cached = join(cacheDir, digest, 'verdict.wasm');
  try {
    const bytes = await readFile(cached);
    const module = await compileVerified(bytes, digest, optimize);
    free(bytes);
    return { module, kept: nothingToKeep };
  } catch {
    // Not cached yet, or damaged: take it from the package.
  }
  const path = join(folder, 'verdict.wasm.br');
  try {
    const bytes = await decompressed(await readFile(path));
    return {
      module: await compileVerified(bytes, digest, optimize),
      kept: writeBeside(cached, bytes)
        .catch(() => undefined)
        .then(() => {
          free(bytes);
        }),
    };
  } catch (error) {
    const { message } = error as Error;
    throw new Error(`${path} cannot be used: ${message}. Install kube-verdict again.`, {
      cause: error,
    });
  }
}

/**
 * Gives the memory of bytes back at once: 48 MB that a thread would keep whose own heap is too small
 * for V8 to collect it. What is transferred to a port that nobody reads is gone.
 */
function free(bytes: Uint8Array): void {
  const { port1, port2 } = new MessageChannel();
  port2.close();
  port1.postMessage(undefined, [bytes.buffer as ArrayBuffer]);
  port1.close();
}

/**
 * Bytes that are decompressed in one piece, more than a module has. What is put together of
 * thousands of small ones stays with the process when they are freed.
 */
const CHUNK = 64 * 1024 * 1024;

/** Brotli has no magic number, so whatever is not WebAssembly is taken for brotli. */
async function decompressed(bytes: Uint8Array): Promise<Uint8Array> {
  const magic = [0x00, 0x61, 0x73, 0x6d];
  if (magic.every((b, i) => bytes[i] === b)) return bytes;
  try {
    return await promisify(brotliDecompress)(bytes, { chunkSize: CHUNK });
  } catch (error) {
    const { message } = error as Error;
    throw new Error(`neither WebAssembly nor a whole brotli file of it (${message})`, {
      cause: error,
    });
  }
}

async function compileVerified(
  bytes: Uint8Array,
  expected: string,
  optimize: boolean,
): Promise<WebAssembly.Module> {
  // The digest is computed in the thread pool while this thread compiles.
  const digest = sha256(bytes);
  let module: WebAssembly.Module | undefined;
  let mistake = '';
  try {
    module = compile(bytes, optimize);
  } catch (error) {
    mistake = `; ${(error as Error).message}`;
  }
  const actual = await digest;
  if (actual !== expected) {
    throw new Error(`its SHA-256 is ${actual}, expected ${expected}${mistake}`);
  }
  if (module === undefined) throw new Error(`it does not compile${mistake}`);
  return module;
}

/**
 * Functions are checked and compiled when they are first called and, unless they are to be
 * optimized, by the baseline compiler alone: optimizing costs more than a second before it pays.
 * V8 keeps both choices with the module, so other modules of the process are compiled as ever
 * once the flags are back.
 */
function compile(bytes: Uint8Array, optimize: boolean): WebAssembly.Module {
  const flags = ['wasm-lazy-validation', ...(optimize ? [] : ['liftoff-only'])];
  for (const flag of flags) setFlagsFromString(`--${flag}`);
  try {
    return new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>);
  } finally {
    for (const flag of flags) setFlagsFromString(`--no-${flag}`);
  }
}

/** Writes a file that is either there and whole, or not there. */
async function writeBeside(path: string, bytes: Uint8Array): Promise<void> {
  makeFolder(dirname(path));
  const temporary = `${path}.${process.pid}-${crypto.randomUUID()}`;
  try {
    await writeFile(temporary, bytes, { flag: 'wx' });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
