import { join, relative } from "node:path";
import { clusterStatus, reportTo } from "../../toolchain/index.ts";
import { Failure } from "../failure.ts";
import { changesIn, changesText, diagnosticsIn, during } from "../progress.ts";
import { buildEnvironment, knownEnvironment, openProject } from "../project.ts";
import { recover } from "../recovery.ts";
import { openSession } from "../session.ts";
import type { UpOptions } from "./up.ts";

/** Removes everything of an environment, from the cluster and from the engine's state. */
export async function down(name: string, options: UpOptions): Promise<void> {
  const report = reportTo(process.stderr);
  const project = await openProject();
  knownEnvironment(project, name);
  if (
    options.context === undefined &&
    (await clusterStatus({ folder: join(project.state, "cluster") })).state === "none"
  ) {
    return console.log("there is no embedded cluster, so nothing is up");
  }
  const session = await openSession(project, await buildEnvironment(project, name), options.context, report);
  if (!session.embedded && options.yes !== true) {
    if (process.stdin.isTTY !== true)
      throw new Failure("nobody is at the terminal to be asked: add --yes to remove without a question");
    const status = await session.run.interactive(["destroy", "--stack", name]);
    if (status !== 0) throw new Failure("not removed", status);
    return;
  }
  if (session.embedded) await recover(session, report);
  const args = [
    "destroy",
    "--stack",
    name,
    "--yes",
    "--non-interactive",
    "--skip-preview",
    "--color=never",
    "--suppress-outputs",
    "--suppress-permalink=true",
    "--suppress-progress",
  ];
  const outcome = await during(
    report,
    `removing ${name}`,
    () => session.run.follow(args, () => undefined),
    (result) => (result.status === 0 ? changesText(changesIn(result.stdout)) : "failed"),
  );
  if (outcome.status !== 0) {
    throw new Failure(
      `${diagnosticsIn(`${outcome.stdout}\n${outcome.stderr}`)}\n\nthe whole output: ${relative(process.cwd(), outcome.log)}`,
    );
  }
  if (session.embedded)
    await session.run.quiet(["stack", "rm", "--stack", name, "--yes", "--non-interactive", "--preserve-config"]);
  console.log(`environment ${name} is gone`);
}
