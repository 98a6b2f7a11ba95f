import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type YAMLMap,
} from 'yaml';
import type { Position } from './position';

interface Found {
  readonly node: Node | null;
  readonly offset: number;
}

/**
 * A document as a tree, for the places of its fields alone: what it means is Kubernetes' own
 * reader's to say. Where the two differ, a place is that of the nearest part which both know.
 */
export class DocumentTree {
  private readonly lines = new LineCounter();
  private readonly document: Document;

  constructor(text: string) {
    this.document = parse(text, this.lines);
  }

  /**
   * Where the deepest part of a field's path stands that is there.
   * @param field Kubernetes' path, such as `spec.containers[0].image` or `metadata.labels[app]`
   * @param value what the mistake is about: of a mapping or a list, the member that is or has it
   */
  placeOf(field: string, value?: string): Position {
    const root = this.document.contents;
    if (root === null) return { line: 1, column: 1 };
    const found = this.descend(root, this.written(root, stepsOf(field)));
    const member = value === undefined ? undefined : this.memberWith(found.node, value);
    return this.position(member ?? found.offset);
  }

  private position(offset: number): Position {
    const { line, col } = this.lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  }

  private descend(root: Node, steps: readonly string[]): Found {
    let at: Found = { node: root, offset: offsetOf(root) };
    for (const step of steps) {
      const next = this.childOf(at.node, step);
      if (next === undefined) break;
      at = next;
    }
    return at;
  }

  /**
   * What stands in a Secret's stringData is data to the API server, and a Service's clusterIP the
   * first of its clusterIPs.
   */
  private written(root: Node, steps: readonly string[]): readonly string[] {
    const [first, second, ...rest] = steps;
    const other =
      first === 'data'
        ? ['stringData', ...steps.slice(1)]
        : first === 'spec' && second === 'clusterIPs' && (rest[0] ?? '0') === '0'
          ? ['spec', 'clusterIP']
          : undefined;
    if (other === undefined) return steps;
    const depth = (names: readonly string[]): number => {
      let node: Node | null = root;
      return names.findIndex((name) => {
        const child = this.childOf(node, name);
        node = child?.node ?? null;
        return child === undefined;
      });
    };
    const missing = depth(steps);
    return missing >= 0 && (depth(other) < 0 || depth(other) > missing) ? other : steps;
  }

  private childOf(parent: Node | null, step: string): Found | undefined {
    const node = this.resolved(parent);
    if (isSeq(node)) {
      const item = /^\d+$/.test(step) ? (node.items[Number(step)] as Node | undefined) : undefined;
      return item === undefined ? undefined : { node: item, offset: offsetOf(item) };
    }
    if (!isMap(node)) return undefined;
    const pairs = pairsOf(node);
    // Of a key that is given twice, the last counts.
    const pair = pairs.findLast(({ key }) => textOf(key) === step);
    if (pair !== undefined) return { node: pair.value, offset: offsetOf(pair.key) };
    for (const merge of pairs.filter(({ key }) => textOf(key) === '<<')) {
      const inside = this.childOf(merge.value, step);
      if (inside !== undefined) return inside;
    }
    return undefined;
  }

  private memberWith(parent: Node | null, value: string): number | undefined {
    const node = this.resolved(parent);
    if (isSeq(node)) {
      const item = node.items.find((one) => textOf(one as Node) === value) as Node | undefined;
      return item === undefined ? undefined : offsetOf(item);
    }
    if (!isMap(node)) return undefined;
    const pairs = pairsOf(node);
    const byValue = pairs.find((pair) => textOf(pair.value) === value);
    if (byValue !== undefined) return offsetOf(byValue.value);
    const byKey = pairs.find(({ key }) => textOf(key) === value);
    return byKey === undefined ? undefined : offsetOf(byKey.key);
  }

  private resolved(node: Node | null): Node | null | undefined {
    return isAlias(node) ? node.resolve(this.document) : node;
  }
}

function parse(text: string, lineCounter: LineCounter): Document {
  try {
    return parseDocument(text, {
      schema: 'failsafe',
      uniqueKeys: false,
      resolveKnownTags: false,
      prettyErrors: false,
      strict: false,
      logLevel: 'silent',
      lineCounter,
    });
  } catch (error) {
    // Nested too deeply for this parser, it has no places.
    if (error instanceof RangeError) return parseDocument('');
    throw error;
  }
}

function stepsOf(field: string): string[] {
  return [...field.matchAll(/([^.[\]]+)|\[([^\]]*)\]/g)].map(
    ([, name, bracketed]) => name ?? bracketed ?? '',
  );
}

function pairsOf(map: YAMLMap): Pair<Node | null, Node | null>[] {
  return map.items as Pair<Node | null, Node | null>[];
}

function textOf(node: Node | null): string | undefined {
  return isScalar(node) && typeof node.value === 'string' ? node.value : undefined;
}

function offsetOf(node: Node | null): number {
  return node?.range?.[0] ?? 0;
}
