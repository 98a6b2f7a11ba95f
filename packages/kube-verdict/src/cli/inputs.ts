import { isUtf8 } from 'node:buffer';
import { open, readdir, realpath, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';

/** Bytes that one file may hold. */
export const MAX_FILE = 32 * 1024 * 1024;

const EXTENSIONS = new Set(['.yaml', '.yml', '.json']);

/** Input that cannot be read: its text names the file. */
export class InputError extends Error {
  constructor(
    readonly file: string,
    message: string,
    readonly position?: { readonly line: number; readonly column: number },
  ) {
    super(message);
    this.name = 'InputError';
  }
}

export interface Input {
  /** As given, or `-` for standard input. */
  readonly file: string;
  /** @throws InputError */
  read(): Promise<string>;
}

/**
 * The files that paths stand for: a file itself, `-` for standard input, and of a folder, however
 * deep, what ends in .yaml, .yml or .json, in the order of names.
 */
export async function* inputsOf(paths: readonly string[]): AsyncGenerator<Input | InputError> {
  for (const path of paths) {
    if (path === '-') yield { file: '-', read: () => standardInput() };
    else yield* inputsAt(path, new Set());
  }
}

async function* inputsAt(path: string, above: Set<string>): AsyncGenerator<Input | InputError> {
  try {
    if (!(await stat(path)).isDirectory()) {
      yield { file: path, read: () => readText(path) };
      return;
    }
    let found = false;
    for await (const input of folder(path, above)) {
      found = true;
      yield input;
    }
    if (!found && above.size === 0) {
      yield new InputError(path, 'the folder holds no .yaml, .yml or .json file');
    }
  } catch (error) {
    yield unreadable(path, error);
  }
}

async function* folder(path: string, above: Set<string>): AsyncGenerator<Input | InputError> {
  // A link to a folder above would go round for ever.
  const real = await realpath(path);
  if (above.has(real)) return;
  const inside = new Set(above).add(real);
  const entries = await readdir(path, { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const at = join(path, entry.name);
    const wanted = EXTENSIONS.has(extname(entry.name).toLowerCase());
    if (entry.isDirectory() || (entry.isSymbolicLink() && (await isFolder(at)))) {
      yield* inputsAt(at, inside);
    } else if (wanted && (entry.isFile() || entry.isSymbolicLink())) {
      yield { file: at, read: () => readText(at) };
    }
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (s) => s.isDirectory(),
    () => false,
  );
}

async function readText(path: string): Promise<string> {
  try {
    const file = await open(path);
    try {
      return decode(path, await collect(path, file.createReadStream({ autoClose: false })));
    } finally {
      await file.close();
    }
  } catch (error) {
    throw unreadable(path, error);
  }
}

let standardInputText: Promise<string> | undefined;

/** Standard input can be read once; whoever asks again gets the same text. */
function standardInput(): Promise<string> {
  standardInputText ??= collect('-', process.stdin).then((bytes) => decode('-', bytes));
  return standardInputText;
}

async function collect(path: string, stream: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_FILE) {
      const limit = MAX_FILE / 1024 / 1024;
      throw new InputError(path, `larger than ${limit} MiB; split it into several files`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function decode(path: string, bytes: Buffer): string {
  const text = bytes.toString('utf8');
  if (!isUtf8(bytes)) {
    const whole = Buffer.from(text);
    let at = 0;
    while (bytes[at] === whole[at]) at++;
    const before = bytes.subarray(0, at).toString('utf8').split('\n');
    const position = { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
    throw new InputError(path, 'not UTF-8', position);
  }
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}

function unreadable(path: string, error: unknown): InputError {
  if (error instanceof InputError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  const reasons: Record<string, string> = {
    ENOENT: 'no such file or folder',
    EACCES: 'permission denied',
  };
  return new InputError(path, reasons[code ?? ''] ?? message);
}
