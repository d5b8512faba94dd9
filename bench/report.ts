import { exponent, median } from "./statistics.ts";
import type { Usage } from "./usage.ts";

/** Services -> contender -> its runs. */
export type Results = ReadonlyMap<number, ReadonlyMap<string, readonly Usage[]>>;

/** The smallest size whose cost is mostly work and not the start of a process. */
const SMALLEST_FOR_GROWTH = 100;

/** What docs/benchmarks.md says. */
export function report(results: Results, proved: string): string {
  return `# Benchmarks

\`npm run bench\` writes this page. It renders environments of 15 objects a service, each run a whole process: start,
load, work, write a file for each service, end.

| services | program | wall, median | wall, least | CPU, median | memory, most | Fairlead's share of the wall time | of the CPU |
|---:|---|---:|---:|---:|---:|---:|---:|
${rows(results).join("\n")}

Growth between ${SMALLEST_FOR_GROWTH} services and the most that was measured, as the exponent of a power (1 is linear),
by regression over the CPU's medians: ${growth(results)}.

## How it is measured

- Fairlead describes the services, derives every object, checks the environment and writes it. The others are handed the
  finished objects as JSON and only write them, which favours them.
- \`yaml\` is the npm package's \`stringify\`; \`cdk8s\` is one chart for each service, asked for 1,000 services at most.
- Before anything is timed, what the programs write is read back and compared: ${proved}.
- The programs take turns, so that a busy moment meets all of them; five rounds up to 1,000 services, three above. CPU is
  user and system time of all threads, as the system counts it.
- Fairlead's library is as the package has it, in few files. Node.js keeps compiled code for all programs that run on it,
  as \`fairlead\` lets it do. Files are written to a file system in memory where there is one.
- Machine: 2 cores, shared with other work while this was measured, Node ${process.versions.node}. Wall time suffers from
  that and CPU time less so; shares are of medians.
`;
}

function rows(results: Results): readonly string[] {
  return [...results].flatMap(([count, byName]) => {
    const own = byName.get("Fairlead") ?? [];
    return [...byName].map(([name, runs]) => {
      const share = (of: (runs: readonly Usage[]) => number) =>
        name === "Fairlead" ? "" : (of(own) / of(runs)).toFixed(3);
      const cells = [
        count.toLocaleString("en"),
        name,
        `${wall(runs).toFixed(2)} s`,
        `${Math.min(...runs.map((run) => run.wall)).toFixed(2)} s`,
        `${cpu(runs).toFixed(2)} s`,
        `${Math.max(...runs.map((run) => run.memory)).toFixed(0)} MB`,
        share(wall),
        share(cpu),
      ];
      return `| ${cells.join(" | ")} |`;
    });
  });
}

function growth(results: Results): string {
  const names = new Set([...results.values()].flatMap((byName) => [...byName.keys()]));
  return [...names]
    .map((name) => {
      const points = [...results].flatMap(([count, byName]) => {
        const runs = byName.get(name);
        return runs === undefined || count < SMALLEST_FOR_GROWTH ? [] : [[count, cpu(runs)] as const];
      });
      return `${name} ${exponent(points).toFixed(2)}`;
    })
    .join(", ");
}

function wall(runs: readonly Usage[]): number {
  return median(runs.map((run) => run.wall));
}

function cpu(runs: readonly Usage[]): number {
  return median(runs.map((run) => run.cpu));
}
