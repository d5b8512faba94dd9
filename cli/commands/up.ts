import { relative } from "node:path";
import { reportTo } from "../../toolchain/index.ts";
import type { Session } from "../engine.ts";
import { Failure } from "../failure.ts";
import { changesIn, changesText, diagnosticsIn, during } from "../progress.ts";
import { buildEnvironment, openProject } from "../project.ts";
import { recover } from "../recovery.ts";
import { openSession } from "../session.ts";
import { running } from "../status.ts";

const BATCH = [
  "--yes",
  "--non-interactive",
  "--skip-preview",
  "--color=never",
  "--suppress-outputs",
  "--suppress-permalink=true",
  "--suppress-progress",
];

export interface UpOptions {
  readonly context?: string;
  readonly yes?: boolean;
}

/** Brings an environment up and says what runs and where. */
export async function up(name: string, options: UpOptions): Promise<void> {
  const started = Date.now();
  const report = reportTo(process.stderr);
  const project = await openProject();
  // Everything that is wrong with the description is said before anything is started.
  const environment = await buildEnvironment(project, name);
  const session = await openSession(project, environment, options.context, report);
  if (session.embedded) await recover(session, report);
  await apply(session, options, () =>
    during(
      report,
      `applying ${name}`,
      () => session.run.follow(["up", "--stack", name, ...BATCH], () => undefined),
      (outcome) => (outcome.status === 0 ? changesText(changesIn(outcome.stdout)) : "failed"),
    ),
  );
  console.log(await running(session, environment));
  console.log(`\nenvironment ${name} is up, ${((Date.now() - started) / 1000).toFixed(1)} s`);
  if (session.embedded) {
    console.log(
      `look around:  kubectl --kubeconfig ${relative(process.cwd(), session.kubeconfig)} get all --all-namespaces`,
    );
    console.log(`remove it:    npm run down -- ${name}`);
  }
}

async function apply(
  session: Session,
  options: UpOptions,
  batch: () => Promise<{
    readonly status: number;
    readonly stdout: string;
    readonly stderr: string;
    readonly log: string;
  }>,
): Promise<void> {
  if (!session.embedded && options.yes !== true) {
    if (process.stdin.isTTY !== true)
      throw new Failure("nobody is at the terminal to be asked: add --yes to apply without a question");
    const status = await session.run.interactive(["up", "--stack", session.environment]);
    if (status !== 0) throw new Failure("nothing more was changed", status);
    return;
  }
  const outcome = await batch();
  if (outcome.status !== 0) {
    throw new Failure(
      `${diagnosticsIn(`${outcome.stdout}\n${outcome.stderr}`)}\n\nthe whole output: ${relative(process.cwd(), outcome.log)}`,
    );
  }
}
