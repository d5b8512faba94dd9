import { escaped } from "../../core/html.ts";
import { burnRateChart } from "./chart.ts";
import type { Evidence } from "./evidence.ts";
import type { Objective } from "./objective.ts";
import { detectionRows, grouped, type Rows, rungRows } from "./rows.ts";
import { percent } from "./rung.ts";

/** What is known of one objective, ready to be shown. */
export interface Shown {
  readonly objective: Objective;
  readonly evidence: Evidence;
}

const STYLE = `
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #57606a; --line: #d0d7de; --paper: #fff; --page: #b3261e; --ticket: #8a5a00; --budget: #0550ae; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9aa4af; --line: #3a424c; --paper: #0d1117; --page: #ff8a80; --ticket: #f2b84b; --budget: #79c0ff; } }
body { margin: 2rem auto; max-width: 60rem; padding: 0 1rem; font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
table { border-collapse: collapse; margin: 1rem 0; } caption { text-align: left; color: var(--soft); }
th, td { border-bottom: 1px solid var(--line); padding: .25rem .9rem .25rem 0; text-align: left; font-variant-numeric: tabular-nums; }
svg { width: 100%; height: auto; } svg text { fill: var(--ink); font: 12px system-ui, sans-serif; } svg .soft { fill: var(--soft); }
.grid { stroke: var(--line); } .page { stroke: var(--page); fill: var(--page); } .ticket { stroke: var(--ticket); fill: var(--ticket); stroke-dasharray: 6 4; }
.curve { fill: none; stroke-width: 2; } .dot { stroke: none; } svg text.page, svg text.ticket { stroke: none; }
.budget { stroke: var(--budget); stroke-dasharray: 2 3; }
`;

/** One page of HTML that needs nothing from anywhere: the numbers of every objective and the picture of its ladder. */
export function reportPage(title: string, shown: readonly Shown[]): string {
  const sections = shown.map(
    ({ objective, evidence }) => `<section>
<h2>${escaped(objective.id)}</h2>
<p>${escaped(objective.promise)}. Owner: ${escaped(objective.owner)}. Error budget: ${percent(evidence.budget)} of all events.</p>
<figure>
${burnRateChart(objective, evidence)}
</figure>
${htmlTable("The ladder: both windows must burn faster than the rate", rungRows(evidence))}
${htmlTable("When somebody is paged", detectionRows(evidence))}
<p>Prometheus reads ${grouped(evidence.samplesPerHour)} samples an hour for these rules.</p>
</section>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escaped(title)}</h1>
${sections.join("\n")}
</body>
</html>
`;
}

function htmlTable(caption: string, [heading = [], ...rows]: Rows): string {
  const head = heading.map((cell) => `<th scope="col">${escaped(cell)}</th>`).join("");
  const body = rows.map(
    ([first = "", ...rest]) =>
      `<tr><th scope="row">${escaped(first)}</th>${rest.map((cell) => `<td>${escaped(cell)}</td>`).join("")}</tr>`,
  );
  return `<table>
<caption>${escaped(caption)}</caption>
<thead><tr>${head}</tr></thead>
<tbody>
${body.join("\n")}
</tbody>
</table>`;
}
