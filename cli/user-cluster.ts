import { join } from "node:path";
import { ensureEngine, type Report } from "../toolchain/index.ts";
import { Failure } from "./failure.ts";
import { userKubeconfig } from "./kubeconfig.ts";
import { oneFault, type Project, stackSetting } from "./project.ts";
import { type Pulumi, pulumi } from "./pulumi.ts";
import type { Session } from "./session.ts";

/**
 * A session with a cluster of the user's kubeconfig and with their own login, backend and secrets provider. Nothing is
 * started and nothing of theirs is changed.
 * @throws FaultError for a context that does not exist, Failure for what is missing in the user's Pulumi.
 */
export async function userSession(
  project: Project,
  environment: string,
  context: string,
  report: Report,
): Promise<Session> {
  refuseOtherCluster(project, environment, context);
  const kubeconfig = userKubeconfig(context, join(project.state, "contexts"));
  const engine = await ensureEngine({ report, userHome: true });
  const run = pulumi({
    program: engine.pulumi,
    folder: project.root,
    stack: environment,
    logs: join(project.state, "logs"),
    env: { ...engine.env, FAIRLEAD_STATE: project.state, KUBECONFIG: kubeconfig },
  });
  await checkStack(run, engine.pulumi);
  return { pulumi: run, kubeconfig, environment, embedded: false };
}

/** What the stack's file says of the cluster wins over the environment that we give the engine: it must not contradict. */
function refuseOtherCluster(project: Project, environment: string, context: string): void {
  const file = `Pulumi.${environment}.yaml`;
  const named = stackSetting(project, environment, "kubernetes:context");
  if (named !== undefined && named !== context) {
    const remedy = `use --context ${String(named)}, or remove the setting`;
    throw oneFault(file, "kubernetes:context", named, `but --context says "${context}"`, remedy);
  }
  for (const key of ["kubernetes:kubeconfig", "kubernetes:cluster"]) {
    if (stackSetting(project, environment, key) === undefined) continue;
    const problem = "names a cluster by itself, and would win over --context";
    throw oneFault(file, key, undefined, problem, "remove the setting, or run pulumi without fairlead");
  }
}

/** One question to the engine tells whether the user is logged in and whether the stack is there. */
async function checkStack(run: Pulumi, program: string): Promise<void> {
  const answer = await run.ask("stack", "--stack", run.stack);
  if (answer.status === 0) return;
  const said = answer.stderr.trim();
  if (/no stack named|stack .* not found/i.test(said)) {
    throw new Failure(
      `your Pulumi backend has no stack ${run.stack} of this project; make it with the secrets provider of your choice: ${program} stack init ${run.stack}`,
    );
  }
  if (/log ?in|PULUMI_ACCESS_TOKEN|credentials/i.test(said)) {
    throw new Failure(
      `you are not logged in to Pulumi, and --context uses your own login: run ${program} login (or login --local), or set PULUMI_BACKEND_URL`,
    );
  }
  if (/passphrase/i.test(said)) {
    throw new Failure(
      `the secrets of ${run.stack} need your passphrase: set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE`,
    );
  }
  throw new Failure(`your Pulumi cannot open the stack ${run.stack}:\n${said}`);
}
