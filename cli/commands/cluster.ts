import { join, relative } from "node:path";
import { clusterStatus, reportTo, startCluster, stopCluster } from "../../toolchain/index.ts";
import { Failure } from "../failure.ts";
import { findProject } from "../project.ts";

export type ClusterVerb = "start" | "stop" | "delete" | "status";

export interface ClusterChoice {
  readonly node?: string;
}

/** The embedded cluster alone. */
export async function clusterCommand(verb: ClusterVerb, { node }: ClusterChoice = {}): Promise<void> {
  const { state } = findProject();
  const folder = join(state, "cluster");
  const report = reportTo(process.stderr);
  if (verb === "start") {
    if (node !== undefined && node !== "played" && node !== "real") {
      throw new Failure(`--node ${node}: say "played" (kwok plays three nodes) or "real" (this machine is one)`);
    }
    const cluster = await startCluster({ folder, report, ...(node === undefined ? {} : { nodes: node }) });
    const registry = cluster.registry === undefined ? "" : `; its registry is ${cluster.registry}`;
    const kubeconfig = relative(process.cwd(), cluster.kubeconfig);
    return console.log(`running at ${cluster.server}; KUBECONFIG=${kubeconfig}${registry}`);
  }
  if (verb === "status") {
    const status = await clusterStatus({ folder });
    const nodes =
      status.nodes === undefined ? "" : `, ${status.nodes.ready} of ${status.nodes.all} ${status.kind} nodes ready`;
    console.log(
      status.state === "none" ? "there is no embedded cluster" : `${status.state} at ${status.server}${nodes}`,
    );
    if (status.state !== "running") throw new Failure("", 3);
    return;
  }
  await stopCluster({ folder, delete: verb === "delete", report });
  console.log(verb === "delete" ? "nothing is left of it" : "stopped; its objects are kept");
}
