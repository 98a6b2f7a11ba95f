import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type ParsedNode,
} from 'yaml';
import { DocumentError, keyText, valueOf } from './values';

/** A place in a file, both counted from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A Kubernetes manifest and where it stands. */
export interface SourceObject {
  readonly kind: 'object';
  readonly manifest: Readonly<Record<string, unknown>>;
  /** Where a field stands, or the nearest part of its path that is there. */
  position(field: string): Position;
}

/** A document that no manifest can be read from. */
export interface BrokenDocument extends Position {
  readonly kind: 'broken';
  readonly message: string;
}

/** The API server takes 3 MiB of JSON; YAML of the same object may be somewhat longer. */
const MAX_DOCUMENT = 4 * 1024 * 1024;

const TOO_DEEP = 'nested too deeply to be read';

/**
 * Reads the manifests of a YAML or JSON text, document by document; a broken one does not hide
 * the others. Objects of kind List (or …List with items) are given one by one.
 * @param wanted says by a document's text whether it is to be read
 */
export function* readDocuments(
  text: string,
  wanted: (part: string) => boolean = () => true,
): Generator<SourceObject | BrokenDocument> {
  let line = 1;
  for (const part of split(text)) {
    if (wanted(part)) yield* readDocument(part, line);
    line += countLines(part);
  }
}

/** YAML forbids `---` and `...` at the start of a line everywhere but between documents. */
function* split(text: string): Generator<string> {
  const marker = /^(?:---|\.\.\.)(?=[ \t\r\n]|$)/gm;
  let start = 0;
  for (const { index } of text.matchAll(marker)) {
    if (index > start) yield text.slice(start, index);
    start = index;
  }
  yield text.slice(start);
}

function countLines(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

function* readDocument(text: string, line: number): Generator<SourceObject | BrokenDocument> {
  const lines = new LineCounter();
  const at = (offset: number): Position => {
    const { line: inside, col } = lines.linePos(offset);
    return { line: line + Math.max(inside, 1) - 1, column: Math.max(col, 1) };
  };
  try {
    if (text.length > MAX_DOCUMENT) {
      throw new DocumentError(
        `the document is ${text.length} characters long, allowed are ${MAX_DOCUMENT}`,
        0,
      );
    }
    // Directives say nothing that a manifest needs, and an end marker is no content.
    const content = text.replace(/^(?:%.*|\.\.\.)$/gm, (marker) => ' '.repeat(marker.length));
    const document = parse(content, lines);
    if (document.contents === null) return;
    yield* objectsOf(document.contents, at);
  } catch (error) {
    if (error instanceof RangeError) {
      yield { kind: 'broken', ...at(0), message: TOO_DEEP };
    } else if (error instanceof DocumentError) {
      yield { kind: 'broken', ...at(error.offset), message: error.message };
    } else {
      throw error;
    }
  }
}

function parse(text: string, lineCounter: LineCounter): Document<ParsedNode> {
  const document = parseDocument(text, {
    // Scalars are resolved as Kubernetes' reader does, and keys are compared, in valueOf.
    schema: 'failsafe',
    uniqueKeys: false,
    resolveKnownTags: false,
    prettyErrors: false,
    logLevel: 'silent',
    lineCounter,
  });
  const error = document.errors[0];
  if (error !== undefined) {
    // The parser catches its own overflow of the stack and reports it as a mistake.
    const message = error.message.startsWith('Maximum call stack') ? TOO_DEEP : error.message;
    throw new DocumentError(message, error.pos[0]);
  }
  return document;
}

function* objectsOf(
  node: Node,
  at: (offset: number) => Position,
): Generator<SourceObject | BrokenDocument> {
  const broken = (message: string, where: Node = node): BrokenDocument => ({
    kind: 'broken',
    ...at(where.range?.[0] ?? 0),
    message,
  });
  if (isEmpty(node)) return;
  if (!isMap(node)) {
    yield broken('a manifest must be a mapping with apiVersion and kind');
    return;
  }
  const manifest = valueOf(node) as Record<string, unknown>;
  for (const name of ['apiVersion', 'kind']) {
    const value = manifest[name];
    if (typeof value === 'string' && value !== '') continue;
    yield broken(`not a Kubernetes manifest: ${name} must be a string; ${describe(value)}`);
    return;
  }
  const items = manifest.items;
  if (String(manifest.kind).endsWith('List') && Array.isArray(items)) {
    yield* itemsOf(node, items, at);
    return;
  }
  yield { kind: 'object', manifest, position: (field) => at(offsetOfField(node, field)) };
}

function* itemsOf(
  list: Node,
  items: readonly unknown[],
  at: (offset: number) => Position,
): Generator<SourceObject | BrokenDocument> {
  for (const [i, item] of items.entries()) {
    const path = `items[${i}]`;
    const position = (field: string): Position =>
      at(offsetOfField(list, field === '' ? path : `${path}.${field}`));
    const manifest = item as Record<string, unknown> | null;
    if (typeof manifest?.apiVersion !== 'string' || typeof manifest.kind !== 'string') {
      const message = `not a Kubernetes manifest: ${path} of the List has no apiVersion and kind`;
      yield { kind: 'broken', ...position(''), message };
      continue;
    }
    yield { kind: 'object', manifest, position };
  }
}

function isEmpty(node: Node): boolean {
  return isScalar(node) && node.source === '' && !node.tag;
}

function describe(value: unknown): string {
  return value === undefined ? 'it is missing' : `received ${JSON.stringify(value)}`;
}

/** The offset of the deepest part of a Kubernetes field path that the tree has. */
function offsetOfField(root: Node, field: string): number {
  let node = root;
  let offset = root.range?.[0] ?? 0;
  for (const [, name, bracketed] of field.matchAll(/([^.[\]]+)|\[([^\]]*)\]/g)) {
    const step = childOf(node, name ?? bracketed ?? '');
    if (step === undefined) break;
    offset = step.offset;
    if (step.node === null || isAlias(step.node)) break;
    node = step.node;
  }
  return offset;
}

function childOf(node: Node, name: string): { node: Node | null; offset: number } | undefined {
  if (isSeq(node)) {
    const item = /^\d+$/.test(name) ? (node.items[Number(name)] as Node | undefined) : undefined;
    return item === undefined ? undefined : { node: item, offset: item.range?.[0] ?? 0 };
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.find(({ key }) => keyText(key) === name);
  if (pair === undefined) return undefined;
  const key = pair.key as Node;
  return { node: pair.value as Node | null, offset: key.range?.[0] ?? 0 };
}
