import Elk, { type ElkNode } from 'elkjs/lib/elk.bundled.js';
import { wellFormed } from '../../object-id';
import type { Topology, TopologyEdge, TopologyNode } from '../../plan-types';
import { html } from '../escape';
import { RELATIONS } from '../mermaid';

const HEIGHT = 44;
/** Of a character, as wide as it is at most on the average. */
const WIDTH = 7.3;
/** Characters of a name that are shown; the rest is in its tooltip. */
const LONGEST = 30;

/** So wide a drawing is still read when it is made as narrow as the page; a wider one is scrolled. */
const SHRUNK = 1500;

/** Laid out by ELK's layered algorithm, each connected part by itself. */
const OPTIONS = {
  'elk.algorithm': 'layered',
  'elk.direction': 'RIGHT',
  'elk.edgeRouting': 'POLYLINE',
  'elk.layered.spacing.nodeNodeBetweenLayers': '72',
  'elk.spacing.nodeNode': '16',
  'elk.spacing.componentComponent': '28',
};

/**
 * What sends requests to, reads from and watches over whom, as SVG; empty where nothing is connected.
 * @param linkOf where an object is told more of, as an attribute of a link; empty for nowhere
 */
export async function topologySvg(
  { nodes, edges }: Topology,
  linkOf: (id: string) => string,
): Promise<string> {
  const connected = new Set(edges.flatMap(({ from, to }) => [from, to]));
  const drawn = nodes.filter(({ id }) => connected.has(id));
  if (drawn.length === 0) return '';
  const numbers = new Map(drawn.map(({ id }, i) => [id, `n${i}`]));
  const known = edges.filter(({ from, to }) => numbers.has(from) && numbers.has(to));
  const graph: ElkNode = {
    id: 'all',
    // Many are scrolled through from top to bottom.
    layoutOptions: { ...OPTIONS, 'elk.aspectRatio': drawn.length > 60 ? '0.9' : '1.6' },
    children: drawn.map((node, i) => ({ id: `n${i}`, width: widthOf(node), height: HEIGHT })),
    edges: known.map(({ from, to }, i) => ({
      id: `e${i}`,
      sources: [numbers.get(from) ?? ''],
      targets: [numbers.get(to) ?? ''],
    })),
  };
  const layout = await new Elk().layout(graph);
  const { width = 0, height = 0 } = layout;
  const fits = width <= SHRUNK ? ' fits' : '';
  const places = new Map((layout.children ?? []).map((place) => [place.id, place]));
  return [
    `<svg class="topology${fits}" role="img" aria-label="${drawn.length} connected objects" viewBox="0 0 ${round(width)} ${round(height)}" width="${round(width)}" height="${round(height)}">`,
    '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto-start-reverse"><path d="M0 0 8 4 0 8z" class="head"/></marker></defs>',
    ...known.map((edge, i) => edgeSvg(edge, layout.edges?.[i]?.sections ?? [])),
    ...drawn.map((node, i) => nodeSvg(node, places.get(`n${i}`), linkOf(node.id))),
    '</svg>',
  ].join('\n');
}

function widthOf({ name, kind }: TopologyNode): number {
  const longest = Math.max(shortened(name).length, shortened(kind).length * 0.85);
  return Math.max(90, Math.ceil(longest * WIDTH) + 24);
}

function nodeSvg(node: TopologyNode, place: ElkNode | undefined, link: string): string {
  const { x = 0, y = 0, width = 0 } = place ?? {};
  const { kind, namespace, name, action } = node;
  const full = `${kind} ${namespace === null ? '' : `${namespace}/`}${name}`;
  const box = [
    `<g class="node ${action}" data-id="${html(node.id)}" transform="translate(${round(x)} ${round(y)})">`,
    `<title>${html(full)}${action === 'none' ? '' : `: ${action}`}</title>`,
    `<rect width="${round(width)}" height="${HEIGHT}" rx="6"/>`,
    `<text class="kind" x="12" y="17">${html(shortened(kind))}</text>`,
    `<text class="name" x="12" y="34">${html(shortened(name))}</text>`,
    '</g>',
  ].join('');
  return link === '' ? box : `<a href="${html(link)}">${box}</a>`;
}

type Section = NonNullable<NonNullable<ElkNode['edges']>[number]['sections']>[number];

function edgeSvg({ relation, state }: TopologyEdge, sections: readonly Section[]): string {
  return sections
    .map(({ startPoint, bendPoints = [], endPoint }) => {
      const points = [startPoint, ...bendPoints, endPoint];
      const path = points.map(({ x, y }, i) => `${i === 0 ? 'M' : 'L'}${round(x)} ${round(y)}`);
      const what = state === 'kept' ? '' : `, ${state === 'added' ? 'new' : 'gone'}`;
      return `<path class="edge ${state} ${relation}" d="${path.join('')}" marker-end="url(#arrow)"><title>${RELATIONS[relation]}${what}</title></path>`;
    })
    .join('');
}

function shortened(text: string): string {
  return text.length <= LONGEST ? text : `${wellFormed(text.slice(0, LONGEST - 1))}…`;
}

function round(n: number): number {
  return Math.round(n * 10) / 10;
}
