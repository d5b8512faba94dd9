import { Graph, layout as layered } from "@dagrejs/dagre";
import type { Link } from "../links.ts";
import { drawnLinks, type Model, type Node } from "./model.ts";

/** A node with its place; x and y are its middle. */
export interface Placed {
  readonly node: Node;
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

/** A line with the points that it goes through. */
export interface Line {
  readonly link: Link;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

/** The picture, in pixels. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly Placed[];
  readonly lines: readonly Line[];
  /** Components without a line, which are listed beside the picture. */
  readonly apart: readonly Node[];
}

export const NODE_HEIGHT = 44;

/** Pixels that a character of a name takes at most. */
const CHARACTER = 8.4;
/** Above it a name is cut. */
const LONGEST = 30;
/** Lines of the network simplex grow with the square of the edges; the longest path is as good to read in a large picture. */
const LARGE = 150;

/** Callers left of the called: layers by dagre, https://github.com/dagrejs/dagre */
export function layout(model: Model): Layout {
  const links = drawnLinks(model);
  const linked = new Set(links.flatMap(({ from, to }) => [from, to]));
  const graph = new Graph();
  const ranker = linked.size > LARGE ? "longest-path" : "network-simplex";
  graph.setGraph({ rankdir: "LR", nodesep: 14, ranksep: 90, marginx: 16, marginy: 16, ranker });
  graph.setDefaultEdgeLabel(() => ({}));
  const drawn = model.nodes.filter(({ name }) => linked.has(name));
  for (const node of drawn) graph.setNode(node.name, { width: widthOf(node), height: NODE_HEIGHT });
  for (const { from, to } of links) graph.setEdge(from, to);
  if (drawn.length > 0) layered(graph);
  const { width = 0, height = 0 } = drawn.length > 0 ? graph.graph() : {};
  return {
    width,
    height,
    nodes: drawn.map((node) => {
      const { x, y } = graph.node(node.name) as { readonly x: number; readonly y: number };
      return { node, x, y, width: widthOf(node) };
    }),
    lines: links.map((link) => {
      const { points } = graph.edge(link.from, link.to) as Pick<Line, "points">;
      return { link, points };
    }),
    apart: model.nodes.filter(({ name }) => !linked.has(name)),
  };
}

function widthOf(node: Node): number {
  const longest = Math.max(shortName(node.name).length, subtitle(node).length * 0.85);
  return Math.max(90, Math.ceil(longest * CHARACTER) + 28);
}

/** A name as it stands in the picture. */
export function shortName(name: string): string {
  return name.length <= LONGEST ? name : `${name.slice(0, LONGEST - 1)}…`;
}

const KINDS: Readonly<Record<Node["kind"], string>> = {
  service: "service",
  worker: "worker",
  job: "job",
  data: "data store",
  gateway: "gateway",
  host: "outside",
  part: "part",
};

/** What stands under a name: what it is and who owns it. */
export function subtitle({ kind, owner }: Node): string {
  return owner === "" ? KINDS[kind] : `${KINDS[kind]} · ${owner}`;
}
