import { createHash } from "node:crypto";
import { escaped } from "../../components/core/html.ts";
import { details, idOf } from "./details.ts";
import { type Layout, type Line, layout, NODE_HEIGHT, type Placed, shortName, subtitle } from "./layout.ts";
import type { Model, Node } from "./model.ts";
import { SCRIPT, STYLE } from "./style.ts";

/** One page of HTML that needs nothing from anywhere: the picture, a list, and what is known of each component. */
export function page(title: string, model: Model): string {
  const picture = layout(model);
  const hash = createHash("sha256").update(SCRIPT).digest("base64");
  const services = model.nodes.filter(({ kind }) => kind !== "host" && kind !== "part").length;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${hash}'">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>${escaped(title)}</h1>
<label>Search <input type="search" id="search" placeholder="name, owner, kind, host"></label>
<label><input type="checkbox" id="fit"> fit to the window</label>
<p>${services} services, jobs and stores; ${model.nodes.filter(({ kind }) => kind === "host").length} hosts outside</p>
<p id="count" role="status"></p>
</header>
<main>
${list(model, picture)}
<div class="scroll" tabindex="0" role="region" aria-label="Picture of the calls">
${drawing(title, picture)}
</div>
${details(model)}
</main>
<script>${SCRIPT}</script>
</body>
</html>
`;
}

function list(model: Model, { apart }: Layout): string {
  const parts = new Set(apart);
  const drawn = model.nodes.filter((node) => !parts.has(node));
  return `<nav aria-label="Components">
${column(
  "In the picture",
  drawn.filter(({ kind }) => kind !== "host"),
)}
${column(
  "Outside",
  drawn.filter(({ kind }) => kind === "host"),
)}
${column(
  "Shared, without lines",
  apart.filter(({ name }) => model.shared.has(name)),
)}
${column(
  "On their own",
  apart.filter(({ name }) => !model.shared.has(name)),
)}
</nav>`;
}

/** shop-2 before shop-10. */
const ORDER = new Intl.Collator("en", { numeric: true });

function column(title: string, nodes: readonly Node[]): string {
  if (nodes.length === 0) return "";
  const items = [...nodes]
    .sort((a, b) => ORDER.compare(a.name, b.name))
    .map((node) => {
      const { name, objects } = node;
      const text = [name, subtitle(node), ...objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)]
        .join(" ")
        .toLowerCase();
      return `<li><a href="${href(name)}" data-name="${escaped(name)}" data-text="${escaped(text)}">${escaped(name)}</a></li>`;
    });
  return `<h2>${title}</h2>\n<ul>${items.join("\n")}</ul>`;
}

function href(name: string): string {
  return escaped(`#${encodeURIComponent(idOf(name))}`);
}

function drawing(title: string, { width, height, nodes, lines }: Layout): string {
  if (nodes.length === 0) return "<p>Nothing here calls anything.</p>";
  const [wide, high] = [Math.ceil(width), Math.ceil(height)];
  return `<svg width="${wide}" height="${high}" viewBox="0 0 ${wide} ${high}" role="group" aria-label="${escaped(title)}: callers left of what they call">
<defs><marker id="arrow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto-start-reverse"><path d="M0 0 10 5 0 10z"/></marker></defs>
${lines.map(edge).join("\n")}
${nodes.map(box).join("\n")}
</svg>`;
}

function edge({ link, points }: Line): string {
  const { from, to, kind, label } = link;
  const says = `${from} ${kind === "route" ? "routes to" : kind === "secrets" ? "takes secrets from" : "calls"} ${to}${label === "" ? "" : ` (${label})`}`;
  return `<path class="edge ${kind}" data-from="${escaped(from)}" data-to="${escaped(to)}" d="${curve(points)}" marker-end="url(#arrow)"><title>${escaped(says)}</title></path>`;
}

/** A smooth line through the middles of the points. */
function curve(points: Line["points"]): string {
  const [first, ...rest] = points;
  if (first === undefined) return "";
  const at = ({ x, y }: { readonly x: number; readonly y: number }) => `${tenth(x)} ${tenth(y)}`;
  const last = rest.at(-1) ?? first;
  const middles = rest.slice(0, -1).map((point, index) => {
    const next = rest[index + 1] ?? last;
    const end = index === rest.length - 2 ? next : { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 };
    return `Q${at(point)} ${at(end)}`;
  });
  return `M${at(first)}${middles.length === 0 ? `L${at(last)}` : middles.join("")}`;
}

function box({ node, x, y, width }: Placed): string {
  const { name, kind } = node;
  const round = kind === "host" ? NODE_HEIGHT / 2 : kind === "data" ? 14 : 6;
  const [left, top] = [tenth(x - width / 2), tenth(y - NODE_HEIGHT / 2)];
  return `<g class="node ${kind}" data-name="${escaped(name)}"><a href="${href(name)}" aria-label="${escaped(`${name}, ${subtitle(node)}`)}"><title>${escaped(name)}</title><rect x="${left}" y="${top}" width="${width}" height="${NODE_HEIGHT}" rx="${round}"/><text x="${tenth(x)}" y="${tenth(y - 2)}" text-anchor="middle">${escaped(shortName(name))}</text><text class="under" x="${tenth(x)}" y="${tenth(y + 14)}" text-anchor="middle">${escaped(subtitle(node))}</text></a></g>`;
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}
