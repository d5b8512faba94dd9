import { rmSync } from "node:fs";
import { clusterStatus, type Report, reportTo, stopCluster } from "../../toolchain/index.ts";
import { embeddedPlaces, embeddedStacks } from "../embedded.ts";
import { Failure } from "../failure.ts";
import { invocation } from "../invocation.ts";
import { converse, operate } from "../operation.ts";
import { knownEnvironment, openProject, type Project } from "../project.ts";
import { withSession } from "../with-session.ts";
import type { ChangeOptions } from "./up.ts";

export interface DownOptions extends ChangeOptions {
  /** The embedded cluster with everything in it. */
  readonly all?: boolean;
}

/**
 * Removes everything of an environment, from the cluster and from the engine's state. What stands in the description
 * does not matter: it may be broken, or say something else by now.
 */
export async function down(name: string, { context, yes, all }: DownOptions): Promise<void> {
  const report = reportTo(process.stderr);
  const project = await openProject();
  if (all === true) {
    if (context !== undefined) throw new Failure("--all is about the embedded cluster: leave --context out");
    return deleteCluster(project, report);
  }
  const stacks = context === undefined ? embeddedStacks(project) : [];
  if (!stacks.includes(name)) knownEnvironment(project, name);
  if (context === undefined) {
    const { state } = await clusterStatus({ folder: embeddedPlaces(project).cluster });
    if (state === "none" || !stacks.includes(name)) return console.log(`environment ${name} is not up`);
  }
  await withSession(project, name, { report, context }, async (session) => {
    if (!session.embedded && yes !== true) return converse(session, "destroy", "remove");
    await operate(session, "destroy", { report, what: `removing ${name}` });
    if (session.embedded) {
      const removed = await session.pulumi.ask("stack", "rm", "--stack", name, "--yes", "--preserve-config");
      if (removed.status !== 0) throw new Failure(`the state of ${name} stays:\n${removed.stderr.trim()}`);
    }
  });
  console.log(`environment ${name} is gone`);
  if (context === undefined && embeddedStacks(project).length === 0) {
    console.log(`the embedded cluster runs on, empty: ${invocation("cluster", "stop")} ends it`);
  }
}

/** Everything in the embedded cluster goes with it, at once. */
async function deleteCluster(project: Project, report: Report): Promise<void> {
  const stacks = embeddedStacks(project);
  const places = embeddedPlaces(project);
  await stopCluster({ folder: places.cluster, delete: true, report });
  for (const place of [places.backend, places.clusterId]) rmSync(place, { recursive: true, force: true });
  console.log(stacks.length === 0 ? "the embedded cluster is gone" : `gone with the cluster: ${stacks.join(", ")}`);
}
