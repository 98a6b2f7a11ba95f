import type { DecodedText } from './decode-text';
import { InputError } from './input-error';
import type { Input } from './inputs';
import {
  mistakeOf,
  type PassedOverReason,
  reasonOfObject,
  reasonOfUnread,
  RENDER_IT,
} from './passed-over';
import type { Position } from './position';
import type { Part, ReadDocument, Reader, ReadObject } from './reader';
import { SourceDocument } from './source-document';

/** An object of an input, and where it stands. */
export interface FoundObject<O extends ReadObject = ReadObject> {
  readonly kind: 'object';
  readonly file: string;
  /** Counted from 0 among the objects of the file. */
  readonly index: number;
  readonly object: O;
  /** Whether a kustomization makes the whole object of it. */
  readonly ofKustomization: boolean;
  /**
   * Where a field stands, or the nearest part of its path that is there.
   * @param message the mistake, which may quote the value that it is about
   */
  readonly placeOf: (field: string, message?: string) => Position;
}

/** What in an input is no object: unreadable, passed over, or to be warned of. */
export type Remark =
  | { readonly kind: 'unreadable'; readonly error: InputError }
  | { readonly kind: 'passed over'; readonly file: string; readonly reason: PassedOverReason }
  | {
      readonly kind: 'warning';
      readonly file: string;
      readonly position: Position;
      readonly message: string;
      /** Of an object that is given again: some repositories have hundreds. */
      readonly repeated?: true;
    };

/** A document that is to be read. */
export interface UnreadDocument {
  readonly kind: 'document';
  readonly input: Input;
  readonly document: SourceDocument;
}

/** Inputs that are read and cut ahead of the documents that are asked for. */
const AHEAD = 8;

/** The documents of the inputs, in their order. Each input is read once. */
export async function* documentsOf(
  inputs: AsyncIterable<Input | InputError>,
  reader: Reader,
): AsyncGenerator<UnreadDocument | Remark> {
  const waiting: Promise<Iterable<UnreadDocument | Remark>>[] = [];
  for await (const input of inputs) {
    const documents = cut(input, reader);
    // A failure is met when its turn comes.
    documents.catch(() => undefined);
    waiting.push(documents);
    if (waiting.length >= AHEAD) yield* (await waiting.shift()) ?? [];
  }
  for (const documents of waiting) yield* await documents;
}

async function cut(
  input: Input | InputError,
  reader: Reader,
): Promise<Iterable<UnreadDocument | Remark>> {
  if (input instanceof InputError) return [{ kind: 'unreadable', error: input }];
  const { file } = input;
  if (input.passedOver !== undefined) {
    return [{ kind: 'passed over', file, reason: input.passedOver }];
  }
  try {
    const { text, warning, mistake } = await input.read();
    if (mistake !== undefined) throw new InputError(file, mistake.message, mistake.position);
    return parted(input, text, warning, await reader.split(text));
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return [{ kind: 'unreadable', error }];
  }
}

/** One after the other: a file may hold a hundred thousand. */
function* parted(
  input: Input,
  text: string,
  warning: DecodedText['warning'],
  parts: readonly Part[],
): Generator<UnreadDocument | Remark> {
  const { file, readAgain, generated } = input;
  if (warning !== undefined) yield { kind: 'warning', file, ...warning };
  for (const part of parts) {
    yield toDocument(input, new SourceDocument(file, text, part, readAgain, generated));
  }
}

function toDocument(input: Input, document: SourceDocument): UnreadDocument | Remark {
  const error = document.mistake;
  return error === undefined
    ? { kind: 'document', input, document }
    : { kind: 'unreadable', error };
}

/**
 * What was read from a document.
 * @param index that of its first object among those of the file
 */
export function* foundIn<O extends ReadObject>(
  { input, document }: UnreadDocument,
  read: Omit<ReadDocument, 'objects'> & { readonly objects: readonly O[] },
  index: number,
): Generator<FoundObject<O> | Remark> {
  const { file, found } = input;
  const unread = read.mistake === undefined ? undefined : reasonOfUnread(document, read);
  if (found && unread !== undefined && read.objects.length === 0) {
    yield { kind: 'passed over', file, reason: unread };
    return;
  }
  for (const note of read.warnings ?? []) {
    const position = document.placeOfNote(note);
    yield { kind: 'warning', file, position, message: note.message };
  }
  for (const [i, object] of read.objects.entries()) {
    const reason = reasonOfObject(object);
    if (reason === undefined) {
      yield foundObject<O>(input, document, object, index + i);
    } else if (found) {
      yield { kind: 'passed over', file, reason };
    } else {
      const error = new InputError(file, mistakeOf(reason), document.placeOf(object.path ?? ''));
      yield { kind: 'unreadable', error };
    }
  }
  if (read.mistake === undefined) return;
  if (found && unread !== undefined) {
    yield { kind: 'passed over', file, reason: unread };
    return;
  }
  const advice = unread === 'template' ? ` (a template: ${RENDER_IT})` : '';
  const position = document.placeOfNote(read.mistake);
  yield {
    kind: 'unreadable',
    error: new InputError(file, `${read.mistake.message}${advice}`, position),
  };
}

function foundObject<O extends ReadObject>(
  { ofKustomization = false }: Input,
  document: SourceDocument,
  object: O,
  index: number,
): FoundObject<O> {
  const { path = '' } = object;
  return {
    kind: 'object',
    file: document.file,
    index,
    object,
    ofKustomization,
    placeOf: (field, message) =>
      document.placeOf([path, field].filter((part) => part !== '').join('.'), message),
  };
}
