import { CST, Lexer } from 'yaml';
import type { ListNode, MappingNode, ScalarNode, TreeNode } from './tree-node';

/**
 * The tree of a document that is written plainly: block and flow collections, one key a line, no
 * anchors, tags, tabs before a key, or mistakes. It takes a third of the time and a
 * quarter of the memory of the library's, whose lexer it shares. Undefined of any other document.
 */
export function plainTree(text: string): TreeNode | undefined {
  const builder = new TreeBuilder();
  for (const source of new Lexer().lex(text)) {
    if (!builder.take(source)) return undefined;
  }
  return builder.done(text.length);
}

/** A collection that is open. Of the list around the document, the column is -1. */
interface Frame {
  readonly node: MappingNode | ListNode;
  /** Undefined in brackets. */
  readonly column?: number;
  /** What of its last entry is there: nothing, a key, what a value may follow, or all of it. */
  at: 'nothing' | 'key' | 'value' | 'end';
}

/** A scalar of which it is not known yet whether it is a key. */
interface Pending {
  readonly node: ScalarNode;
  readonly column: number;
  readonly isKey: boolean;
}

const CONTROLS: readonly string[] = [CST.DOCUMENT, CST.SCALAR];

class TreeBuilder {
  private offset = 0;
  private lineStart = 0;
  /** Whether nothing but dashes stands on the line so far. */
  private fresh = true;
  private begun = false;
  private readonly document: ListNode = { kind: 'list', offset: 0, items: [] };
  private readonly around: Frame = { node: this.document, column: -1, at: 'value' };
  private readonly frames: Frame[] = [];
  private pending: Pending | undefined;
  /** What stands for a value that is missing, behind the spaces that follow its indicator. */
  private missing: ScalarNode | undefined;
  private isScalar = false;
  private header:
    { readonly source: string; readonly offset: number; readonly column: number } | undefined;

  /** Takes the next token of the lexer. It says whether the document may still be plain. */
  take(source: string): boolean {
    const type = this.isScalar ? 'scalar' : CST.tokenType(source);
    if (!this.isScalar && CONTROLS.includes(source)) {
      this.isScalar = source === CST.SCALAR;
      return true;
    }
    this.isScalar = false;
    const isPlain = this.token(type, source);
    this.offset += source.length;
    const lastBreak = source.lastIndexOf('\n');
    if (lastBreak >= 0) {
      this.lineStart = this.offset - (source.length - lastBreak - 1);
      this.fresh = this.lineStart === this.offset;
    }
    return isPlain;
  }

  /** @param length that of the text */
  done(length: number): TreeNode | undefined {
    const isWhole = this.settle() && this.offset === length;
    return isWhole && this.top.column !== undefined ? this.document.items[0] : undefined;
  }

  private get top(): Frame {
    return this.frames[this.frames.length - 1] ?? this.around;
  }

  private token(type: CST.TokenType | null, source: string): boolean {
    const { missing } = this;
    this.missing = undefined;
    switch (type) {
      case 'space':
        if (missing !== undefined) missing.offset += source.length;
        return this.inBrackets || !this.fresh || !source.includes('\t');
      case 'newline':
        return this.settle();
      case 'comment':
        return true;
      case 'doc-start':
        return this.documentBegins();
      case 'seq-item-ind':
        return !this.inBrackets && this.dash();
      case 'map-value-ind':
        return this.inBrackets ? this.colonInBrackets() : this.colon();
      case 'comma':
        return this.comma();
      case 'flow-map-start':
        return this.open({ kind: 'mapping', offset: this.offset, members: [] });
      case 'flow-seq-start':
        return this.open({ kind: 'list', offset: this.offset, items: [] });
      case 'flow-map-end':
      case 'flow-seq-end':
        return this.close(type === 'flow-map-end' ? 'mapping' : 'list');
      case 'block-scalar-header':
        return this.block(source);
      case 'scalar':
      case 'single-quoted-scalar':
      case 'double-quoted-scalar':
        return this.scalar(type, source);
      default:
        return false;
    }
  }

  private get inBrackets(): boolean {
    return this.top.column === undefined;
  }

  private documentBegins(): boolean {
    const isFirst = !this.begun;
    this.begun = true;
    this.fresh = false;
    return isFirst;
  }

  private block(source: string): boolean {
    const isFirst = this.header === undefined;
    this.header = { source, offset: this.offset, column: this.offset - this.lineStart };
    this.fresh = false;
    // How far it is indented would have to be counted.
    return isFirst && /^[|>][-+]?$/.test(source);
  }

  private scalar(type: CST.FlowScalar['type'], source: string): boolean {
    this.begun = true;
    const { header, offset, lineStart } = this;
    this.header = undefined;
    if (header !== undefined) {
      const text = blockText(header.source, source);
      return this.value({ kind: 'scalar', offset: header.offset, text }, header.column);
    }
    const text = textOf(type, source);
    if (text === undefined || this.pending !== undefined) return false;
    const column = offset - lineStart;
    const node: ScalarNode = { kind: 'scalar', offset, text };
    if (this.inBrackets) return this.scalarInBrackets(node, source);
    this.pending = { node, column, isKey: this.fresh && !source.includes('\n') };
    this.fresh = false;
    return true;
  }

  /** What was not followed by a colon is a value. */
  private settle(): boolean {
    const { pending } = this;
    if (pending === undefined) return true;
    this.pending = undefined;
    return this.value(pending.node, pending.column);
  }

  private value(node: TreeNode, column: number): boolean {
    const { top } = this;
    if (top.at !== 'value' || (top.column !== undefined && column <= top.column)) return false;
    put(top.node, node);
    top.at = 'end';
    return true;
  }

  private dash(): boolean {
    if (!this.fresh || this.pending !== undefined) return false;
    this.begun = true;
    const column = this.offset - this.lineStart;
    while (columnOf(this.top) > column) this.pop();
    const { top } = this;
    if (top.node.kind !== 'list' || top.column !== column) {
      // A list may stand where its key does.
      if (top.at !== 'value' || (top.node.kind === 'list' && top.column === column)) return false;
      this.openBlock({ kind: 'list', offset: this.offset, items: [] }, column);
    }
    const { node } = this.top as { node: ListNode };
    node.items.push(this.missingAt(this.offset + 1));
    this.top.at = 'value';
    return true;
  }

  private colon(): boolean {
    const { pending } = this;
    if (pending?.isKey !== true || pending.node.text === '<<') return false;
    this.pending = undefined;
    const { node: key, column } = pending;
    while (
      columnOf(this.top) > column ||
      (columnOf(this.top) === column && this.top.node.kind === 'list')
    ) {
      this.pop();
    }
    const { top } = this;
    if (top.node.kind !== 'mapping' || top.column !== column) {
      if (top.at !== 'value') return false;
      this.openBlock({ kind: 'mapping', offset: key.offset, members: [] }, column);
    }
    const { node } = this.top as { node: MappingNode };
    node.members.push({ key, value: this.missingAt(this.offset + 1) });
    this.top.at = 'value';
    return true;
  }

  private openBlock(node: MappingNode | ListNode, column: number): void {
    put(this.top.node, node);
    this.top.at = 'end';
    this.frames.push({ node, column, at: 'nothing' });
  }

  private pop(): void {
    const node = this.frames.pop()?.node;
    // An array that grew has room for sixteen more, and most are short.
    if (node?.kind === 'mapping') node.members = node.members.slice();
    else if (node !== undefined) node.items = node.items.slice();
  }

  private missingAt(offset: number): ScalarNode {
    this.missing = { kind: 'scalar', offset, text: '' };
    return this.missing;
  }

  private open(node: MappingNode | ListNode): boolean {
    this.begun = true;
    this.fresh = false;
    const column = this.offset - this.lineStart;
    if (this.pending !== undefined || !this.entry(node, column)) return false;
    this.frames.push({ node, at: 'nothing' });
    return true;
  }

  private close(kind: 'mapping' | 'list'): boolean {
    const { top } = this;
    if (!this.inBrackets || top.node.kind !== kind) return false;
    this.pop();
    return true;
  }

  private comma(): boolean {
    if (!this.inBrackets || this.top.at === 'nothing') return false;
    this.top.at = 'nothing';
    return true;
  }

  private scalarInBrackets(node: ScalarNode, source: string): boolean {
    const { top } = this;
    if (top.node.kind === 'list' || top.at !== 'nothing') return this.entry(node, Infinity);
    top.node.members.push({ key: node, value: undefined });
    top.at = 'key';
    return node.text !== '<<' && !source.includes('\n');
  }

  private colonInBrackets(): boolean {
    const { top } = this;
    if (top.at !== 'key') return false;
    put(top.node, this.missingAt(this.offset + 1));
    top.at = 'value';
    return true;
  }

  /** A value, which in a list in brackets begins an entry. */
  private entry(node: TreeNode, column: number): boolean {
    const { top } = this;
    if (top.column === undefined && top.node.kind === 'list' && top.at === 'nothing') {
      top.node.items.push(node);
      top.at = 'end';
      return true;
    }
    return this.value(node, column);
  }
}

function columnOf({ column }: Frame): number {
  return column ?? -1;
}

/** Gives the last entry its value. */
function put(parent: MappingNode | ListNode, node: TreeNode): void {
  if (parent.kind === 'list') {
    parent.items[Math.max(parent.items.length - 1, 0)] = node;
    return;
  }
  const member = parent.members.at(-1);
  if (member !== undefined) member.value = node;
}

/** Undefined of quotes that are not closed. */
function textOf(type: CST.FlowScalar['type'], source: string): string | undefined {
  if (type === 'scalar') return source.includes('\n') ? resolved(type, source) : source;
  if (source.length < 2 || !source.endsWith(source.charAt(0))) return undefined;
  const inside = source.slice(1, -1);
  return /[\\'\n]/.test(inside) ? resolved(type, source) : inside;
}

function resolved(type: CST.FlowScalar['type'], source: string): string {
  return resolve({ type, offset: 0, indent: 0, source });
}

function blockText(header: string, source: string): string {
  const props: CST.Token[] = [
    { type: 'block-scalar-header', offset: 0, indent: 0, source: header },
  ];
  return resolve({ type: 'block-scalar', offset: 0, indent: 0, props, source });
}

function resolve(token: CST.FlowScalar | CST.BlockScalar): string {
  return CST.resolveAsScalar(token, false, () => undefined).value;
}
