import type { Action, Topology, TopologyEdge, TopologyNode } from '../plan-types';
import { mermaid } from './escape';

/** So many nodes can be read in a comment. Mermaid itself takes 500 edges and 50,000 characters. */
const MOST_NODES = 40;
const MOST_EDGES = 80;

const WORDS: Readonly<Record<Action, string>> = {
  create: 'created',
  delete: 'deleted',
  replace: 'made anew',
  none: '',
  update: 'changed',
  scale: 'scaled',
  rollout: 'rolls out',
  refused: 'REFUSED',
  'not-judged': 'not judged',
};

export const RELATIONS: Readonly<Record<TopologyEdge['relation'], string>> = {
  routes: 'routes to',
  selects: 'sends to',
  reads: 'reads',
  mounts: 'mounts',
  scales: 'scales',
  budgets: 'watches over',
  allows: 'governs traffic of',
  'admitted-by': 'is admitted by',
  reaches: 'lets traffic go to',
  'runs-as': 'runs as',
};

/** Fill, border and text, to be read on dark and on light. */
const STYLES: Partial<Record<Action, string>> = {
  create: 'fill:#dafbe1,stroke:#1a7f37,color:#1f2328',
  delete: 'fill:#ffebe9,stroke:#cf222e,color:#1f2328,stroke-dasharray:5 3',
  replace: 'fill:#ffebe9,stroke:#cf222e,color:#1f2328,stroke-width:2px',
  refused: 'fill:#cf222e,stroke:#82071e,color:#ffffff,stroke-width:3px',
  rollout: 'fill:#fff8c5,stroke:#9a6700,color:#1f2328,stroke-width:2px',
  scale: 'fill:#fff8c5,stroke:#9a6700,color:#1f2328',
  update: 'fill:#ddf4ff,stroke:#0969da,color:#1f2328',
  'not-judged': 'fill:#eff1f3,stroke:#59636e,color:#1f2328,stroke-dasharray:2 2',
};

/**
 * The changed part of a topology as a Mermaid flowchart: what changes, and around it as much as can
 * be read. Empty where nothing in it is connected, undefined where it is too much for a diagram.
 */
export function mermaidOf({ nodes, edges }: Topology): readonly string[] | undefined {
  const all = drawn(nodes, edges);
  const isSmall = (part: Topology): boolean =>
    part.nodes.length <= MOST_NODES && part.edges.length <= MOST_EDGES;
  const part = isSmall(all)
    ? all
    : drawn(
        nodes.filter(({ action }) => action !== 'none'),
        edges,
      );
  if (all.edges.length === 0) return [];
  if (part.edges.length === 0 || !isSmall(part)) return undefined;
  const ids = new Map(part.nodes.map(({ id }, i) => [id, `n${i}`]));
  const used = new Set(part.nodes.map(({ action }) => action));
  return [
    'flowchart LR',
    ...part.nodes.map((node) => `  ${ids.get(node.id) ?? ''}["${label(node)}"]${style(node)}`),
    ...part.edges.map(
      ({ from, to, relation, state }) =>
        `  ${ids.get(from) ?? ''} ${ARROWS[state]}|"${mermaid(edgeLabel(relation, state))}"| ${ids.get(to) ?? ''}`,
    ),
    ...[...used].flatMap((action) => {
      const known = STYLES[action];
      return known === undefined ? [] : [`  classDef ${className(action)} ${known}`];
    }),
  ];
}

const ARROWS: Readonly<Record<TopologyEdge['state'], string>> = {
  kept: '-->',
  added: '==>',
  removed: '-.->',
};

/** What is connected to something, and the edges among it. */
function drawn(nodes: readonly TopologyNode[], edges: readonly TopologyEdge[]): Topology {
  const known = new Set(nodes.map(({ id }) => id));
  const among = edges.filter(({ from, to }) => known.has(from) && known.has(to));
  const connected = new Set(among.flatMap(({ from, to }) => [from, to]));
  return { nodes: nodes.filter(({ id }) => connected.has(id)), edges: among };
}

function label({ kind, name, action }: TopologyNode): string {
  const word = WORDS[action];
  return `${mermaid(kind)}<br>${mermaid(name)}${word === '' ? '' : `<br>${word}`}`;
}

function edgeLabel(relation: TopologyEdge['relation'], state: TopologyEdge['state']): string {
  const word = RELATIONS[relation];
  return state === 'kept' ? word : `${word}, ${state === 'added' ? 'new' : 'gone'}`;
}

function style({ action }: TopologyNode): string {
  return STYLES[action] === undefined ? '' : `:::${className(action)}`;
}

/** `end` and `default` are words of Mermaid's own; none of these is. */
function className(action: Action): string {
  return `is-${action}`;
}
