import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, Scalar, type YAMLMap } from 'yaml';
import { type PlainValue, resolvePlain } from './scalar';

/** A mistake at an offset of the document's text. */
export class DocumentError extends Error {
  constructor(
    message: string,
    readonly offset: number,
  ) {
    super(message);
    this.name = 'DocumentError';
  }
}

/** Nothing that Kubernetes serves nests nearly as deep; the API server's own limit is 10,000. */
const MAX_DEPTH = 1_000;

type Value = PlainValue | Value[] | { [key: string]: Value };

/**
 * Turns a YAML tree into the value that Kubernetes' YAML reader makes of it, save that a key
 * given twice is a mistake (there the last one wins, silently).
 * @throws DocumentError
 */
export function valueOf(root: Node): Value {
  return new Reader().value(root, 0);
}

/** The mapping key as the text that it is in JSON. */
export function keyText(key: unknown): string {
  if (!isScalar(key)) return '';
  return String(scalarValue(key));
}

class Reader {
  private readonly anchors = new Map<string, Node>();
  private readonly expanding = new Set<Node>();
  private nodes = 0;
  private aliased = 0;

  value(node: Node | null, depth: number): Value {
    if (node === null) return null;
    this.count(node);
    if (depth > MAX_DEPTH) {
      throw new DocumentError(`nested more than ${MAX_DEPTH} levels deep`, offsetOf(node));
    }
    if (isAlias(node)) return this.alias(node.source, offsetOf(node), depth);
    if ('anchor' in node && node.anchor) this.anchors.set(node.anchor, node);
    if (isScalar(node)) return this.scalar(node);
    if (isSeq(node)) return node.items.map((item) => this.value(item as Node | null, depth + 1));
    if (isMap(node)) return this.map(node, depth);
    throw new DocumentError('neither a mapping, a sequence nor a scalar', offsetOf(node));
  }

  private scalar(node: Scalar): Value {
    const value = scalarValue(node);
    if (typeof value === 'number' && !Number.isFinite(value)) {
      throw new DocumentError(`${value} cannot be written as JSON`, offsetOf(node));
    }
    return value;
  }

  private map(node: YAMLMap, depth: number): Value {
    // Without a prototype, a key named __proto__ is a key like any other.
    const result = Object.create(null) as Record<string, Value>;
    const own = new Set<string>();
    for (const pair of node.items as Pair<Node | null, Node | null>[]) {
      if (isMergeKey(pair.key)) {
        this.merge(result, own, pair.value, depth);
        continue;
      }
      if (pair.key !== null && !isScalar(pair.key)) {
        throw new DocumentError('a key must be a scalar', offsetOf(pair.key));
      }
      const key = keyText(pair.key);
      if (own.has(key)) {
        throw new DocumentError(`key ${JSON.stringify(key)} is given twice`, offsetOf(pair.key));
      }
      own.add(key);
      result[key] = this.value(pair.value, depth + 1);
    }
    return result;
  }

  /** `<<: *anchor`, or a list of them: the keys of a mapping that are not given beside it. */
  private merge(
    into: Record<string, Value>,
    own: ReadonlySet<string>,
    from: Node | null,
    depth: number,
  ): void {
    const value = this.value(from, depth + 1);
    const sources = Array.isArray(value) ? value : [value];
    for (const source of sources) {
      if (typeof source !== 'object' || source === null || Array.isArray(source)) {
        throw new DocumentError('<< takes a mapping or a list of mappings', offsetOf(from));
      }
      for (const [key, inner] of Object.entries(source)) {
        if (!own.has(key) && !(key in into)) into[key] = inner;
      }
    }
  }

  private alias(name: string, offset: number, depth: number): Value {
    const target = this.anchors.get(name);
    if (target === undefined) throw new DocumentError(`unknown anchor ${name}`, offset);
    if (this.expanding.has(target)) {
      throw new DocumentError(`the anchor ${name} contains itself`, offset);
    }
    this.expanding.add(target);
    try {
      return this.value(target, depth);
    } finally {
      this.expanding.delete(target);
    }
  }

  /** go-yaml's own limit against documents that grow by their aliases (decode.go). */
  private count(node: Node): void {
    this.nodes++;
    if (this.expanding.size > 0) this.aliased++;
    if (this.aliased > 100 && this.nodes > 1_000) {
      // From 99 % of 400,000 nodes down to 10 % of 4,000,000.
      const share = 0.99 - 0.89 * Math.min(Math.max((this.nodes - 400_000) / 3_600_000, 0), 1);
      if (this.aliased / this.nodes > share) {
        throw new DocumentError('the document contains excessive aliasing', offsetOf(node));
      }
    }
  }
}

function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.type === Scalar.PLAIN && key.source === '<<';
}

const CORE = 'tag:yaml.org,2002:';

function scalarValue(node: Scalar): PlainValue {
  const source = node.source ?? '';
  const offset = offsetOf(node);
  switch (node.tag) {
    case undefined:
      return node.type === Scalar.PLAIN || node.type === undefined ? resolvePlain(source) : source;
    case `${CORE}binary`:
      return new TextDecoder().decode(
        Uint8Array.from(atob(source.replace(/\s/g, '')), (c) => c.charCodeAt(0)),
      );
    case `${CORE}int`:
    case `${CORE}float`:
    case `${CORE}bool`:
    case `${CORE}null`: {
      const value = resolvePlain(source);
      const wanted = node.tag.slice(CORE.length);
      if (kindsOf(value).includes(wanted)) return value;
      throw new DocumentError(`cannot decode \`${source}\` as !!${wanted}`, offset);
    }
    default:
      return source;
  }
}

function kindsOf(value: PlainValue): readonly string[] {
  if (value === null) return ['null'];
  if (typeof value === 'boolean') return ['bool'];
  if (typeof value === 'bigint' || Number.isInteger(value)) return ['int', 'float'];
  return typeof value === 'number' ? ['float'] : [];
}

function offsetOf(node: Node | null): number {
  return node?.range?.[0] ?? 0;
}
