import { openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { exponent, median } from "./statistics.ts";
import { temporaryFolder } from "./temporary.ts";
import { measured, type Usage } from "./usage.ts";

/** Compiled, this stands in .fairlead/bench/bench. */
const ROOT = resolve(import.meta.dirname, "../../..");

const SIZES = [10, 100, 300, 1000, 3000];
/** The smallest size whose cost is mostly work and not the start of a process. */
const SMALLEST_FOR_GROWTH = 100;
const ROUNDS = 5;

interface Result {
  readonly count: number;
  readonly objects: number;
  readonly runs: readonly Usage[];
}

const folder = temporaryFolder();
try {
  const results: Result[] = [];
  for (const count of SIZES) {
    const runs: Usage[] = [];
    const printed = join(folder, "printed");
    const command = [process.execPath, join(import.meta.dirname, "render-delivery.js"), String(count), folder] as const;
    for (let round = 0; round < ROUNDS; round++) runs.push(await measured(command, openSync(printed, "w")));
    const objects = Number(readFileSync(printed, "utf8"));
    results.push({ count, objects, runs });
    console.log(`${count} services, ${objects} objects: ${runs.map(({ wall }) => wall.toFixed(2)).join(", ")} s`);
  }
  writeFileSync(join(ROOT, "docs/benchmarks-delivery.md"), page(results));
} finally {
  rmSync(folder, { recursive: true });
}

function page(results: readonly Result[]): string {
  const rows = results.map(({ count, objects, runs }) => {
    const walls = runs.map(({ wall }) => wall);
    const cells = [
      count.toLocaleString("en"),
      objects.toLocaleString("en"),
      `${median(walls).toFixed(2)} s`,
      `${Math.min(...walls).toFixed(2)} s`,
      `${median(runs.map(({ cpu }) => cpu)).toFixed(2)} s`,
      `${Math.max(...runs.map(({ memory }) => memory)).toFixed(0)} MB`,
    ];
    return `| ${cells.join(" | ")} |`;
  });
  const growth = results.flatMap(({ count, runs }) =>
    count < SMALLEST_FOR_GROWTH ? [] : [[count, median(runs.map(({ cpu }) => cpu))] as const],
  );
  return `# What routes, mesh and delivery take

\`npm run bench:delivery\` writes this page. Each run is a whole process that describes so many services, derives every
object, checks the environment and writes a file for each service. Each service has a route from outside, calls two others
through the mesh (proxies in the pods; one of the calls with a timeout of its own), promises availability and latency, and is
taken over by the three-tier funnel, judged by both promises: 21 objects, its alerts and SLO rules included.

| services | objects | wall, median | wall, least | CPU, median | memory, most |
|---:|---:|---:|---:|---:|---:|
${rows.join("\n")}

Growth of the CPU from ${SMALLEST_FOR_GROWTH} services on, as the exponent of a power (1 is linear): ${exponent(growth).toFixed(2)}.
${ROUNDS} rounds each. Machine: 2 cores, Node ${process.versions.node}.
`;
}
