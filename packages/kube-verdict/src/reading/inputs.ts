import { closeSync, type Dirent, fstatSync, openSync, readFileSync } from 'node:fs';
import { open, readdir, realpath, stat } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';
import { type DecodedText, decodeText } from './decode-text';
import { IgnoreRules } from './ignore-rules';
import { InputError } from './input-error';
import {
  buildKustomization,
  type Kustomization,
  KUSTOMIZATION_FILES,
  kustomizationOf,
  outermostOf,
} from './kustomization';
import { isTemplate, type PassedOverReason } from './passed-over';

/** Bytes that one file may hold. */
const MAX_FILE = 32 * 1024 * 1024;

const EXTENSIONS = new Set(['.yaml', '.yml', '.json']);

/** A path as it was given. */
export interface GivenPath {
  readonly path: string;
  /** A stream can be read once, and what writes to it may have failed. */
  readonly kind: 'file' | 'folder' | 'stream';
}

export interface Input {
  /** The path, or `-` for standard input. */
  readonly file: string;
  /** Whether it was found in a folder rather than given by name. */
  readonly found: boolean;
  /** Why it is not to be read. */
  readonly passedOver?: PassedOverReason;
  /** Whether a kustomization lists it among its resources. */
  readonly ofKustomization?: boolean;
  /** Whether no place in the file says anything about what is read. */
  readonly generated?: boolean;
  /** @throws InputError */
  read(): DecodedText | Promise<DecodedText>;
  /** The same text once more, of what can be read again; empty where it is gone. */
  readonly readAgain?: () => string;
}

export interface InputOptions {
  /** Patterns of .gitignore for what of a folder is not to be read. */
  readonly exclude: readonly string[];
  /** Whether kustomize is to make the objects of folders that have a kustomization. */
  readonly kustomize: boolean;
  /**
   * Reads the value of a kustomization's text.
   * @throws Error where it cannot be read
   */
  valueOf(text: string): Promise<unknown>;
}

/** @throws InputError */
export async function givenPath(path: string): Promise<GivenPath> {
  if (path === '-') return { path, kind: 'stream' };
  try {
    const stats = await stat(path);
    return { path, kind: stats.isDirectory() ? 'folder' : stats.isFile() ? 'file' : 'stream' };
  } catch (error) {
    throw unreadable(path, error);
  }
}

/**
 * The inputs that a path stands for: itself, or of a folder, however deep, what ends in .yaml, .yml
 * or .json, in the order of names.
 */
export async function* inputsOf(
  { path, kind }: GivenPath,
  options: InputOptions,
): AsyncGenerator<Input | InputError> {
  if (kind !== 'folder') {
    yield kind === 'file'
      ? fileInput(path, false)
      : {
          file: path,
          found: false,
          read: () => (path === '-' ? standardInput() : readStream(path)),
        };
    return;
  }
  const listing = new Listing();
  await listing.enter(path, await IgnoreRules.of(path, options.exclude), new Set());
  yield* listing.errors;
  const kustomizations: Kustomization[] = [];
  for (const { file, folder } of listing.kustomizations) {
    let text = '';
    try {
      ({ text } = readText(file));
      kustomizations.push(kustomizationOf(file, folder, await options.valueOf(text)));
    } catch (error) {
      if (isTemplate(text)) continue;
      listing.files.delete(file);
      yield unreadable(file, error);
    }
  }
  yield* options.kustomize
    ? builtInputs(listing, kustomizations)
    : inputsAsTheyStand(listing, kustomizations);
}

function* inputsAsTheyStand(
  listing: Listing,
  kustomizations: readonly Kustomization[],
): Generator<Input> {
  const reasons = new Map<string, PassedOverReason>();
  for (const { patches, contents } of kustomizations) {
    for (const file of contents) reasons.set(file, 'content');
    for (const file of patches) reasons.set(file, 'patch');
  }
  for (const { file } of listing.kustomizations) reasons.set(resolve(file), 'kustomization');
  const resources = new Set(kustomizations.flatMap((one) => one.resources));
  for (const file of listing.files) {
    // There may be very many, and no kustomization.
    const at = reasons.size === 0 ? file : resolve(file);
    const passedOver = reasons.get(at);
    yield {
      ...fileInput(file, true),
      ofKustomization: resources.has(at),
      ...(passedOver === undefined ? {} : { passedOver }),
    };
  }
}

/** What kustomize makes, and what is in no folder of a kustomization. */
function* builtInputs(
  listing: Listing,
  kustomizations: readonly Kustomization[],
): Generator<Input> {
  for (const one of outermostOf(kustomizations)) {
    const read = async () => ({ text: await buildKustomization(one) });
    yield { file: one.file, found: true, generated: true, read };
  }
  const inside = (file: string): boolean =>
    kustomizations.some(
      ({ folder, patches, contents, resources }) =>
        file.startsWith(`${folder}/`) || [...patches, ...contents, ...resources].includes(file),
    );
  for (const file of listing.files) {
    if (!inside(resolve(file))) yield fileInput(file, true);
  }
}

function fileInput(file: string, found: boolean): Input {
  return {
    file,
    found,
    read: () => readText(file),
    readAgain: () => {
      // One file may hold many documents, whose places are asked for one after another.
      if (readLast.file !== file) readLast = { file, text: textOf(file) };
      return readLast.text;
    },
  };
}

let readLast = { file: '', text: '' };

/** Empty where it cannot be read any more. */
function textOf(file: string): string {
  try {
    return readText(file).text;
  } catch {
    return '';
  }
}

/** What stands in a folder. */
class Listing {
  readonly files = new Set<string>();
  readonly kustomizations: { readonly file: string; readonly folder: string }[] = [];
  readonly errors: InputError[] = [];

  async enter(path: string, above: IgnoreRules, entered: ReadonlySet<string>): Promise<void> {
    try {
      // A link to a folder above would go round for ever.
      const real = await realpath(path);
      if (entered.has(real)) return;
      await this.list(path, await above.entering(path), new Set(entered).add(real));
    } catch (error) {
      this.errors.push(unreadable(path, error));
    }
  }

  private async list(
    path: string,
    rules: IgnoreRules,
    entered: ReadonlySet<string>,
  ): Promise<void> {
    const entries = await readdir(path, { withFileTypes: true });
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    let kustomization: string | undefined;
    for (const entry of entries) {
      const at = join(path, entry.name);
      const kind = await kindOf(entry, at);
      if (kind === 'other' || rules.ignores(at, kind === 'folder')) continue;
      if (kind === 'folder') {
        await this.enter(at, rules, entered);
        continue;
      }
      if (KUSTOMIZATION_FILES.has(entry.name)) kustomization ??= at;
      if (EXTENSIONS.has(extname(entry.name).toLowerCase())) this.files.add(at);
    }
    if (kustomization !== undefined)
      this.kustomizations.push({ file: kustomization, folder: path });
  }
}

/** What an entry of a folder is, or leads to. To read from what is neither might never end. */
async function kindOf(entry: Dirent, path: string): Promise<'file' | 'folder' | 'other'> {
  // That a link leads nowhere is found out by reading it.
  const it = entry.isSymbolicLink() ? await stat(path).catch(() => undefined) : entry;
  if (it === undefined || it.isFile()) return 'file';
  return it.isDirectory() ? 'folder' : 'other';
}

/**
 * The text of a file. To wait for a small one takes several times as long as to read it.
 * @throws InputError
 */
function readText(path: string): DecodedText {
  try {
    const file = openSync(path, 'r');
    try {
      if (fstatSync(file).size > MAX_FILE) throw tooLarge(path);
      return decodeText(readFileSync(file));
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw unreadable(path, error);
  }
}

async function readStream(path: string): Promise<DecodedText> {
  try {
    const file = await open(path);
    try {
      return decodeText(await collect(path, file.createReadStream({ autoClose: false })));
    } finally {
      await file.close();
    }
  } catch (error) {
    throw unreadable(path, error);
  }
}

let standardInputText: Promise<DecodedText> | undefined;

/** Standard input can be read once; whoever asks again gets the same text. */
function standardInput(): Promise<DecodedText> {
  standardInputText ??= collect('-', process.stdin).then(decodeText, (error: unknown) => {
    throw unreadable('-', error);
  });
  return standardInputText;
}

async function collect(path: string, stream: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_FILE) throw tooLarge(path);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function tooLarge(path: string): InputError {
  return new InputError(
    path,
    `larger than ${MAX_FILE / 1024 / 1024} MiB; split it into several files`,
  );
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  EACCES: 'permission denied',
  EISDIR: 'a folder cannot be read as a stream',
  ELOOP: 'too many symbolic links',
  ENOTDIR: 'what should be a folder above it is none',
  ENAMETOOLONG: 'the name is too long',
  ENXIO: 'a socket or device, which cannot be read',
};

function unreadable(path: string, error: unknown): InputError {
  if (error instanceof InputError) return error;
  const { code = '', message } = error as NodeJS.ErrnoException;
  return new InputError(path, REASONS[code] ?? message);
}
