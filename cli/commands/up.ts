import { relative } from "node:path";
import { reportTo } from "../../toolchain/index.ts";
import { clusterReader } from "../cluster-reader.ts";
import { invocation } from "../invocation.ts";
import { converse, operate } from "../operation.ts";
import { buildEnvironment, openProject } from "../project.ts";
import { namespacesOf, running } from "../status.ts";
import { withSession } from "../with-session.ts";

export interface ChangeOptions {
  readonly context?: string;
  readonly yes?: boolean;
}

/** Brings an environment up and says what runs and where. */
export async function up(name: string, { context, yes }: ChangeOptions): Promise<void> {
  const started = performance.now();
  const report = reportTo(process.stderr);
  const project = await openProject();
  // Everything that is wrong with the description is said before anything is started.
  const environment = buildEnvironment(project, name);
  await withSession(project, name, { report, context, environment }, async (session) => {
    if (session.embedded || yes === true) {
      await operate(session, "up", { report, what: `applying ${name}`, environment });
    } else await converse(session, "up", "apply");
    const overview = await running(await clusterReader(session), environment);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const where = session.embedded ? "the embedded cluster" : context;
    const kubeconfig = relative(process.cwd(), session.kubeconfig);
    const next: readonly (readonly [string, string])[] = [
      ["namespace", namespacesOf(environment).join(", ")],
      ["look around", `kubectl --kubeconfig ${kubeconfig} -n ${namespacesOf(environment)[0] ?? "default"} get all`],
      ...(environment.delivery === "gitops" ? [DELIVERED] : []),
      ["after a change", invocation("preview", name, ...chosen(context))],
      ["remove it", invocation("down", name, ...chosen(context))],
    ];
    const hints = next.map(([what, how]) => `${what.padEnd(15)} ${how}`);
    console.log([overview, "", `environment ${name} is up on ${where}, ${seconds} s`, ...hints].join("\n"));
  });
}

/** What is not applied here. */
const DELIVERED = ["delivered by", "Argo CD, from the repository: what render writes and somebody commits"] as const;

function chosen(context: string | undefined): readonly string[] {
  return context === undefined ? [] : ["--context", context];
}
