import { type Shares, WORKERS } from "./processes.ts";
import { OBJECTS_EACH } from "./services.ts";
import { exponent } from "./statistics.ts";
import type { Usage } from "./usage.ts";

/** One command, from its start to its end. */
export interface Step {
  readonly seconds: number;
  readonly shares: Shares;
}

/** What the steps took with so many services. */
export interface ClusterResult {
  readonly count: number;
  /** Whether the engine wrote its state at the end only. */
  readonly once: boolean;
  readonly steps: Readonly<Record<string, Step>>;
}

/** What docs/benchmarks-cluster.md says. */
export function clusterReport(results: readonly ClusterResult[], starts: ReadonlyMap<string, Usage>): string {
  return `# Benchmarks on a cluster

\`npm run bench:cluster\` writes this page. The whole command as a user runs it, on the embedded control plane (real
etcd, API server, controllers and scheduler; kwok plays nodes and pods), toolchain warm, cluster started before.
Each service has ${OBJECTS_EACH} objects; "up" ends when every pod is ready.

| services | command | state written | seconds | CPU seconds | ${WORKERS.join(" | ")} |
|---:|---|---|---:|---:|${WORKERS.map(() => "---:|").join("")}
${results.flatMap((result) => Object.entries(result.steps).map(([name, step]) => row(result, name, step))).join("\n")}

Growth of the time of \`up\` with a state that is written once, as the exponent of a power (1 is linear): ${growth(results)}.

The engine by itself writes its whole state before and after each object, so that nothing is unknown to it whenever it is
killed: work that grows with the square of the objects. Here it writes it once, at the end, and a journal tells what was begun until
then ([ADR 23](adr/0023-state-is-written-once.md)). The rows "at each step" are with \`PULUMI_SKIP_CHECKPOINTS=false\`.

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

function row({ count, once }: ClusterResult, name: string, { seconds, shares }: Step): string {
  const all = Object.values(shares).reduce((sum, share) => sum + share, 0);
  const cells = WORKERS.map((worker) => `${Math.round((100 * shares[worker]) / all)} %`);
  return `| ${count} | ${name} | ${once ? "once" : "at each step"} | ${seconds.toFixed(1)} | ${all.toFixed(1)} | ${cells.join(" | ")} |`;
}

function growth(results: readonly ClusterResult[]): string {
  const wholes = results.filter(({ once }) => once);
  if (wholes.length < 2) return "measured at one size only";
  return exponent(wholes.map(({ count, steps }) => [count, steps["up"]?.seconds ?? 0] as const)).toFixed(2);
}
