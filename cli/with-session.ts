import type { Environment } from "../components/core/environment.ts";
import type { Report } from "../toolchain/index.ts";
import type { Project } from "./project.ts";
import type { Session } from "./session.ts";

/** Which session is wanted. */
export interface SessionOptions {
  readonly report: Report;
  /** A context of the user's kubeconfig. @default the embedded cluster */
  readonly context?: string | undefined;
  /** The embedded cluster is given its custom resources. @default none */
  readonly environment?: Environment;
}

/** Runs `work` with the cluster that was asked for. */
export async function withSession<T>(
  project: Project,
  name: string,
  { report, context, environment }: SessionOptions,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  if (context !== undefined) {
    const { userSession } = await import("./user-cluster.ts");
    return work(await userSession(project, name, context, report));
  }
  const { withEmbedded } = await import("./embedded.ts");
  return withEmbedded(project, name, { report, ...(environment === undefined ? {} : { environment }) }, work);
}
