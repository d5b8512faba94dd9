/** The page's looks. Contrast of text is 4.5 to 1 and more in light and dark. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #4f5862; --line: #d0d7de; --paper: #fff; --panel: #f6f8fa;
  --edge: #6e7781; --service: #0550ae; --worker: #5a32a3; --job: #5a32a3; --data: #116329; --gateway: #8a5a00;
  --host: #9a3412; --part: #4f5862; --on: #0969da; --fill: #fff; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #a3adb8; --line: #3a424c; --paper: #0d1117;
  --panel: #161b22; --edge: #8b949e; --service: #79c0ff; --worker: #d2a8ff; --job: #d2a8ff; --data: #7ee787;
  --gateway: #f2b84b; --host: #ffab7a; --part: #a3adb8; --on: #58a6ff; --fill: #161b22; } }
* { box-sizing: border-box; }
html, body { height: 100%; margin: 0; }
body { display: grid; grid-template-rows: auto 1fr; font: 15px/1.45 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
a { color: var(--on); } a:focus-visible, summary:focus-visible, input:focus-visible, pre:focus-visible, .scroll:focus-visible { outline: 3px solid var(--on); outline-offset: 2px; }
header { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; align-items: center; padding: .6rem 1rem; border-bottom: 1px solid var(--line); }
h1 { font-size: 1.15rem; margin: 0; } header label { color: var(--soft); } header p { margin: 0; color: var(--soft); }
input[type=search] { font: inherit; color: inherit; background: var(--panel); border: 1px solid var(--edge); border-radius: 6px; padding: .25rem .6rem; width: 16rem; max-width: 100%; }
main { display: grid; grid-template-columns: 14rem minmax(0, 1fr); min-height: 0; }
main:has(.detail:target) { grid-template-columns: 14rem minmax(0, 1fr) minmax(24rem, 38%); }
nav, .detail { overflow: auto; padding: .75rem 1rem; } nav { border-right: 1px solid var(--line); }
nav h2, .detail h3 { font-size: .95rem; margin: .9rem 0 .3rem; } nav h2:first-child { margin-top: 0; }
nav ul { list-style: none; margin: 0; padding: 0; } nav a { display: block; padding: .1rem .3rem; border-radius: 4px; color: inherit; text-decoration: none; overflow-wrap: anywhere; }
nav a:hover, nav a[aria-current] { background: var(--panel); text-decoration: underline; }
.scroll { overflow: auto; min-width: 0; } .scroll svg { display: block; }
body:has(#fit:checked) .scroll svg { width: 100%; height: 100%; }
.detail { display: none; border-left: 1px solid var(--line); background: var(--panel); } .detail:target { display: block; }
.detail h2 { margin: 0; font-size: 1.2rem; overflow-wrap: anywhere; } .detail p { margin: .2rem 0; } .detail .soft { color: var(--soft); } .close { float: right; } .detail, .detail h2 { outline: none; }
.detail ul { margin: 0; padding-left: 1.1rem; } .detail li { overflow-wrap: anywhere; }
details { border-top: 1px solid var(--line); } summary { cursor: pointer; padding: .25rem 0; overflow-wrap: anywhere; }
pre { margin: 0 0 .6rem; padding: .6rem; overflow: auto; max-height: 32rem; background: var(--paper); border: 1px solid var(--line); border-radius: 6px; font: 12.5px/1.45 ui-monospace, monospace; }
.node rect { fill: var(--fill); stroke-width: 1.5; } .node text { fill: var(--ink); font: 600 13.5px system-ui, sans-serif; } .node .under { fill: var(--soft); font: 11.5px system-ui, sans-serif; }
.node a:focus { outline: none; } .node a:focus-visible rect { stroke: var(--on); stroke-width: 4; } .node a:hover rect { stroke-width: 3; }
.service rect { stroke: var(--service); } .worker rect { stroke: var(--worker); } .job rect { stroke: var(--job); stroke-dasharray: 6 3; } .data rect { stroke: var(--data); stroke-width: 3; }
.gateway rect { stroke: var(--gateway); } .host rect { stroke: var(--host); stroke-dasharray: 2 3; } .part rect { stroke: var(--part); }
.edge { fill: none; stroke: var(--edge); stroke-width: 1.2; } .edge.secrets { stroke-dasharray: 3 3; } .edge.route { stroke: var(--gateway); stroke-width: 1.8; } marker path { fill: var(--edge); }
svg.picked .edge, svg.picked .node { opacity: .16; } svg.picked .edge.on, svg.picked .node.on { opacity: 1; } .edge.on { stroke: var(--on); stroke-width: 2.2; } .node.picked rect { stroke-width: 4; }
.off { opacity: .12; } nav .off { display: none; }
@media (max-width: 60rem) { html, body { height: auto; } main, main:has(.detail:target) { grid-template-columns: 1fr; } nav { border-right: 0; } nav ul { columns: 2; } .detail { border-left: 0; } .detail:target { grid-row: 1; } }
@media print { nav, header label, .close { display: none; } }
`;

/** What the page does beyond links and targets: it marks what is picked and whom that touches, and searches. */
export const SCRIPT = `
const svg = document.querySelector("svg");
const all = (selector) => [...document.querySelectorAll(selector)];
const search = document.querySelector("#search");
function pick() {
  const id = decodeURIComponent(location.hash.slice(1));
  const name = document.getElementById(id)?.dataset.name;
  const near = new Set([name]);
  for (const edge of all(".edge")) {
    const on = edge.dataset.from === name || edge.dataset.to === name;
    edge.classList.toggle("on", on);
    if (on) near.add(edge.dataset.from).add(edge.dataset.to);
  }
  for (const node of all(".node")) {
    node.classList.toggle("on", near.has(node.dataset.name));
    const picked = node.dataset.name === name;
    node.classList.toggle("picked", picked);
    if (picked) node.scrollIntoView({ block: "center", inline: "center" });
  }
  svg?.classList.toggle("picked", near.size > 1);
  for (const link of all("nav a")) {
    if (link.dataset.name === name) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}
function find() {
  const words = search.value.toLowerCase().split(/\\s+/).filter(Boolean);
  const hits = new Set();
  for (const link of all("nav a")) {
    const hit = words.every((word) => link.dataset.text.includes(word));
    link.classList.toggle("off", !hit);
    if (hit) hits.add(link.dataset.name);
  }
  for (const node of all(".node")) node.classList.toggle("off", !hits.has(node.dataset.name));
  document.querySelector("#count").textContent = words.length === 0 ? "" : hits.size + " found";
}
addEventListener("hashchange", () => {
  pick();
  document.querySelector(".detail:target h2")?.focus();
});
search.addEventListener("input", find);
search.addEventListener("keydown", (event) => {
  const first = document.querySelector("nav a:not(.off)");
  if (event.key === "Enter" && first) location.hash = first.hash;
});
addEventListener("keydown", (event) => {
  if (event.key === "Escape") location.hash = "";
});
// Not before the fragment's panel has taken its place.
addEventListener("load", pick);
`;
