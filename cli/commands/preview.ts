import { reportTo } from "../../toolchain/index.ts";
import { Failure } from "../failure.ts";
import { diagnosticsIn } from "../progress.ts";
import { buildEnvironment, openProject } from "../project.ts";
import { openSession } from "../session.ts";

/** Says what `up` would change. */
export async function preview(name: string, options: { readonly context?: string }): Promise<void> {
  const report = reportTo(process.stderr);
  const project = await openProject();
  const session = await openSession(project, await buildEnvironment(project, name), options.context, report);
  const args = [
    "preview",
    "--stack",
    name,
    "--non-interactive",
    "--color=never",
    "--suppress-permalink=true",
    "--suppress-progress",
    "--suppress-outputs",
  ];
  const outcome = await session.run.ask(args);
  if (outcome.status !== 0) throw new Failure(diagnosticsIn(`${outcome.stdout}\n${outcome.stderr}`));
  console.log(outcome.stdout.trim());
}
