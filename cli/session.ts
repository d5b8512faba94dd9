import { join } from "node:path";
import type { Environment } from "../components/core/environment.ts";
import { placed } from "../components/core/environment.ts";
import { installCrds, type Report, startCluster } from "../toolchain/index.ts";
import { embeddedSession, type Session, userSession } from "./engine.ts";
import type { Project } from "./project.ts";

/** Opens the cluster that was asked for, the embedded one started and given the environment's custom resources. */
export async function openSession(
  project: Project,
  environment: Environment,
  context: string | undefined,
  report: Report,
): Promise<Session> {
  if (context !== undefined) return userSession(project, environment.name, context, report);
  const cluster = await startCluster({ folder: join(project.state, "cluster"), report });
  const kinds = [...placed(environment)].map(({ object }) => object);
  const [session] = await Promise.all([
    embeddedSession(project, environment.name, cluster.kubeconfig, report),
    installCrds(cluster.kubeconfig, kinds, { report }),
  ]);
  return session;
}
