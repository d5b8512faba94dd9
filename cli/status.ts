import { readFileSync } from "node:fs";
import { type Environment, placed } from "../components/core/environment.ts";
import type { Session } from "./engine.ts";
import { table } from "./table.ts";

/** What runs, as the cluster itself says: each workload with its ready pods, its version and where it answers. */
export async function running(session: Session, environment: Environment): Promise<string> {
  const { AppsV1Api, BatchV1Api, CoreV1Api, KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  config.loadFromString(readFileSync(session.kubeconfig, "utf8"));
  const namespaces = new Set([...placed(environment)].flatMap(({ object }) => object.metadata.namespace ?? []));
  const rows: string[][] = [["NAMESPACE", "WORKLOAD", "READY", "IMAGE", "ANSWERS AT"]];
  for (const namespace of namespaces) {
    const [deployments, jobs, services] = await Promise.all([
      config.makeApiClient(AppsV1Api).listNamespacedDeployment({ namespace }),
      config.makeApiClient(BatchV1Api).listNamespacedCronJob({ namespace }),
      config.makeApiClient(CoreV1Api).listNamespacedService({ namespace }),
    ]);
    const addresses = new Map(
      services.items.map(({ metadata, spec }) => [
        metadata?.name ?? "",
        (spec?.ports ?? []).map(({ name, port }) => `${name}://${metadata?.name}.${namespace}:${port}`).join(" "),
      ]),
    );
    for (const { metadata, spec, status } of deployments.items) {
      const name = metadata?.name ?? "";
      const image = spec?.template.spec?.containers[0]?.image ?? "";
      rows.push([
        namespace,
        name,
        `${status?.readyReplicas ?? 0}/${status?.replicas ?? 0}`,
        image,
        addresses.get(name) ?? "",
      ]);
    }
    for (const { metadata, spec } of jobs.items) {
      const image = spec?.jobTemplate.spec?.template.spec?.containers[0]?.image ?? "";
      rows.push([
        namespace,
        metadata?.name ?? "",
        spec?.suspend === true ? "suspended" : (spec?.schedule ?? ""),
        image,
        "",
      ]);
    }
  }
  return table(rows);
}
