import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
} from 'yaml';
import { plainTree } from './plain-tree';
import type { Position } from './position';
import type { Member, TreeNode } from './tree-node';

interface Found {
  readonly node: TreeNode | undefined;
  readonly offset: number;
}

/**
 * A document as a tree, for the places of its fields alone: what it means is Kubernetes' own
 * reader's to say. Where the two differ, a place is that of the nearest part which both know.
 */
export class DocumentTree {
  private readonly lines = new LineCounter();
  private readonly root: TreeNode | undefined;

  constructor(text: string) {
    for (let at = 0; at >= 0; at = text.indexOf('\n', at) + 1 || -1) this.lines.addNewLine(at);
    // That of the library takes three times as long, and several times the memory.
    this.root = plainTree(text) ?? libraryTree(text);
  }

  /**
   * Where the deepest part of a field's path stands that is there.
   * @param field Kubernetes' path, such as `spec.containers[0].image` or `metadata.labels[app]`
   * @param value what the mistake is about: of a mapping or a list, the member that is or has it
   */
  placeOf(field: string, value?: string): Position {
    const { root } = this;
    if (root === undefined) return { line: 1, column: 1 };
    const found = descend(root, written(root, stepsOf(field)));
    const member = value === undefined ? undefined : memberWith(found.node, value);
    return this.position(member ?? found.offset);
  }

  private position(offset: number): Position {
    const { line, col } = this.lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  }
}

function descend(root: TreeNode, steps: readonly string[]): Found {
  let at: Found = { node: root, offset: root.offset };
  for (const step of steps) {
    const next = childOf(at.node, step);
    if (next === undefined) break;
    at = next;
  }
  return at;
}

/**
 * What stands in a Secret's stringData is data to the API server, and a Service's clusterIP the
 * first of its clusterIPs.
 */
function written(root: TreeNode, steps: readonly string[]): readonly string[] {
  const [first, second, ...rest] = steps;
  const other =
    first === 'data'
      ? ['stringData', ...steps.slice(1)]
      : first === 'spec' && second === 'clusterIPs' && (rest[0] ?? '0') === '0'
        ? ['spec', 'clusterIP']
        : undefined;
  if (other === undefined) return steps;
  const depth = (names: readonly string[]): number => {
    let node: TreeNode | undefined = root;
    return names.findIndex((name) => {
      const child = childOf(node, name);
      node = child?.node;
      return child === undefined;
    });
  };
  const missing = depth(steps);
  return missing >= 0 && (depth(other) < 0 || depth(other) > missing) ? other : steps;
}

function childOf(parent: TreeNode | undefined, step: string): Found | undefined {
  const node = aliased(parent);
  if (node?.kind === 'list') {
    const item = /^\d+$/.test(step) ? node.items[Number(step)] : undefined;
    return item === undefined ? undefined : { node: item, offset: item.offset };
  }
  if (node?.kind !== 'mapping') return undefined;
  const { members } = node;
  // Of a key that is given twice, the last counts.
  const member = members.findLast(({ key }) => textOf(key) === step);
  if (member !== undefined) return { node: member.value, offset: offsetOf(member.key) };
  for (const merge of members.filter(({ key }) => textOf(key) === '<<')) {
    const inside = childOf(merge.value, step);
    if (inside !== undefined) return inside;
  }
  return undefined;
}

function memberWith(parent: TreeNode | undefined, value: string): number | undefined {
  const node = aliased(parent);
  if (node?.kind === 'list') return node.items.find((item) => textOf(item) === value)?.offset;
  if (node?.kind !== 'mapping') return undefined;
  const { members } = node;
  const byValue = members.find((member) => textOf(member.value) === value);
  if (byValue !== undefined) return offsetOf(byValue.value);
  const byKey = members.find(({ key }) => textOf(key) === value);
  return byKey === undefined ? undefined : offsetOf(byKey.key);
}

function aliased(node: TreeNode | undefined): TreeNode | undefined {
  return node?.kind === 'alias' ? node.target() : node;
}

function textOf(node: TreeNode | undefined): string | undefined {
  return node?.kind === 'scalar' ? node.text : undefined;
}

function offsetOf(node: TreeNode | undefined): number {
  return node?.offset ?? 0;
}

function stepsOf(field: string): string[] {
  return [...field.matchAll(/([^.[\]]+)|\[([^\]]*)\]/g)].map(
    ([, name, bracketed]) => name ?? bracketed ?? '',
  );
}

/** The tree that the library reads in a document, however it is written. */
export function libraryTree(text: string): TreeNode | undefined {
  try {
    const document = parseDocument(text, {
      schema: 'failsafe',
      uniqueKeys: false,
      resolveKnownTags: false,
      prettyErrors: false,
      strict: false,
      logLevel: 'silent',
    });
    return converted(document.contents, document);
  } catch (error) {
    // Nested too deeply for this parser, it has no places.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function converted(node: Node | null, document: Document): TreeNode | undefined {
  if (node === null) return undefined;
  const offset = node.range?.[0] ?? 0;
  if (isAlias(node)) {
    const target = (): TreeNode | undefined => converted(node.resolve(document) ?? null, document);
    return { kind: 'alias', offset, target };
  }
  if (isMap<Node | null, Node | null>(node)) {
    const members = node.items.map(({ key, value }): Member => ({
      key: converted(key, document),
      value: converted(value, document),
    }));
    return { kind: 'mapping', offset, members };
  }
  if (isSeq<Node | null>(node)) {
    return { kind: 'list', offset, items: node.items.map((item) => converted(item, document)) };
  }
  // With a tag of its own, it may be anything.
  const text = isScalar(node) && typeof node.value === 'string' ? node.value : undefined;
  return { kind: 'scalar', offset, text };
}
