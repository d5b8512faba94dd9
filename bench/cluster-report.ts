import type { Step } from "./cluster.ts";
import { WORKERS } from "./processes.ts";
import { OBJECTS_EACH } from "./services.ts";
import { exponent } from "./statistics.ts";
import type { Usage } from "./usage.ts";

/** Services -> step -> what it took. */
export type ClusterResults = Map<number, Readonly<Record<string, Step>>>;

/** What docs/benchmarks-cluster.md says. */
export function clusterReport(results: ClusterResults, starts: ReadonlyMap<string, Usage>): string {
  return `# Benchmarks on a cluster

\`npm run bench:cluster\` writes this page. The whole command as a user runs it, on the embedded control plane (real
etcd, API server, controllers and scheduler; kwok plays nodes and pods), toolchain warm, cluster started before.
Each service has ${OBJECTS_EACH} objects; "up" ends when every pod is ready.

| services | command | seconds | CPU seconds | ${WORKERS.join(" | ")} |
|---:|---|---:|---:|${WORKERS.map(() => "---:|").join("")}
${[...results].flatMap(([count, steps]) => Object.entries(steps).map(([name, step]) => row(count, name, step))).join("\n")}

Growth of the time of \`up\`, as the exponent of a power (1 is linear): ${growth(results)}.

## Before a program runs

\`pulumi preview\` of one small program of ten objects that needs no cluster, median of five runs in turns:

| how TypeScript is read | seconds | CPU seconds |
|---|---:|---:|
${[...starts].map(([way, { wall, cpu }]) => `| ${way} | ${wall.toFixed(2)} | ${cpu.toFixed(2)} |`).join("\n")}

## How it is measured

- Processor time by process, looked at 20 times a second and counted from the command's start to its end; what a process
  uses after the last look is missing. The shares are of all that is listed.
- "program" is the Pulumi program (Node), "engine" the Pulumi CLI with its language host, "provider" Pulumi's Kubernetes
  provider.
- Machine: 2 cores, Node ${process.versions.node}, once each: on so few cores everything competes with the API server.
`;
}

function row(count: number, name: string, { seconds, shares }: Step): string {
  const all = Object.values(shares).reduce((sum, share) => sum + share, 0);
  const cells = WORKERS.map((worker) => `${Math.round((100 * shares[worker]) / all)} %`);
  return `| ${count} | ${name} | ${seconds.toFixed(1)} | ${all.toFixed(1)} | ${cells.join(" | ")} |`;
}

function growth(results: ClusterResults): string {
  if (results.size < 2) return "measured at one size only";
  return exponent([...results].map(([count, steps]) => [count, steps["up"]?.seconds ?? 0] as const)).toFixed(2);
}
