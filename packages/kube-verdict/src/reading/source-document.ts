import { DocumentTree } from './document-tree';
import { InputError } from './input-error';
import type { Position } from './position';
import type { Note, Part } from './reader';

/** Characters that a document may have: the API server takes 3 MiB of JSON. */
const MAX_LENGTH = 4 * 1024 * 1024;

/** One document of a file, and where it stands there. */
export class SourceDocument {
  private static tree: { readonly of: SourceDocument; readonly tree: DocumentTree } | undefined;
  private source: string | undefined;

  /**
   * @param source the text of the whole file
   * @param readAgain the same, where it can be read again
   * @param isElsewhere whether the text is not what stands in the file, so that it has no places
   */
  constructor(
    readonly file: string,
    source: string,
    private readonly part: Part,
    private readonly readAgain?: () => string,
    private readonly isElsewhere = false,
  ) {
    this.source = source;
  }

  /** That of the whole file. */
  get wholeText(): string {
    this.source ??= this.readAgain?.() ?? '';
    return this.source;
  }

  get text(): string {
    return this.wholeText.slice(this.part.start, this.part.end);
  }

  /** Lets go of the text, which is read again where a place is still asked for. */
  release(): void {
    if (this.readAgain !== undefined) this.source = undefined;
  }

  /** Whether kubectl reads it as JSON. */
  get json(): boolean {
    return this.part.json ?? false;
  }

  /** Why it is not even to be read. */
  get mistake(): InputError | undefined {
    const { mistake, mistakeLine, start, end } = this.part;
    if (mistake !== undefined) {
      return new InputError(this.file, mistake, { line: mistakeLine ?? 1, column: 1 });
    }
    if (end - start <= MAX_LENGTH) return undefined;
    const message = `the document is ${end - start} characters long, allowed are ${MAX_LENGTH}`;
    return new InputError(this.file, message, this.at({ line: 1, column: 1 }));
  }

  /** The place of a note of the reader. */
  placeOfNote({ line, field }: Note): Position {
    return field === undefined ? this.at({ line, column: 1 }) : this.placeOf(field);
  }

  /**
   * Where a field stands, or the nearest part of its path that is there.
   * @param field Kubernetes' path of it from the root of the document
   * @param message the mistake, which may quote the member of a mapping that it is about
   */
  placeOf(field: string, message = ''): Position {
    const line = field === '' && message === '' ? firstLine(this.text) : undefined;
    if (line !== undefined) return this.at({ line, column: 1 });
    return this.at(this.tree.placeOf(field, quotedValue(message)));
  }

  /** One at a time: it is twenty times as large as the text, and places are asked for in order. */
  private get tree(): DocumentTree {
    if (SourceDocument.tree?.of !== this) {
      SourceDocument.tree = { of: this, tree: new DocumentTree(this.text) };
    }
    return SourceDocument.tree.tree;
  }

  /** A place in the document as one in the file. */
  private at({ line, column }: Position): Position {
    if (this.isElsewhere) return { line: 1, column: 1 };
    const before = this.wholeText.lastIndexOf('\n', this.part.start - 1);
    const indent = line === 1 ? this.part.start - before - 1 : 0;
    return { line: this.part.line + line - 1, column: column + Math.max(indent, 0) };
  }
}

/**
 * The line on which the mapping of a document begins, where its first key says so at the start of a
 * line: there is no need for a tree then.
 */
function firstLine(text: string): number | undefined {
  const before = BEFORE_KEY.exec(text)?.[0];
  return before === undefined ? undefined : before.split('\n').length;
}

const BEFORE_KEY =
  /^(?:[ \t]*(?:#.*)?\r?\n)*(?:---[ \t]*\r?\n(?:[ \t]*(?:#.*)?\r?\n)*)?(?=[A-Za-z]+:(?:\s|$))/;

/** The text that Kubernetes says is wrong: `Invalid value: "…": …`. */
function quotedValue(message: string): string | undefined {
  const quoted = /^[A-Z][a-z]+ value: ("(?:[^"\\]|\\.)*")/.exec(message)?.[1];
  if (quoted === undefined) return undefined;
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return undefined; // Go's quoting of what JSON writes otherwise
  }
}
