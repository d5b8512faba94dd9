import { setTimeout as sleep } from "node:timers/promises";
import type { KubernetesObject } from "../../components/core/object.ts";
import { ApiError, type ClusterApi } from "../cluster-api.ts";
import { ToolchainError } from "../failure.ts";

/** Where the kinds that the node's own objects are of are served. */
const PLURALS: Readonly<Record<string, string>> = {
  ServiceAccount: "serviceaccounts",
  ConfigMap: "configmaps",
  Service: "services",
  Deployment: "deployments",
  ClusterRole: "clusterroles",
  ClusterRoleBinding: "clusterrolebindings",
  RoleBinding: "rolebindings",
  APIService: "apiservices",
};

/** The path of an object at the API server. */
export function objectPath({ apiVersion, kind, metadata }: KubernetesObject): string {
  const plural = PLURALS[kind];
  if (plural === undefined) throw new Error(`nobody said where a ${kind} is served`);
  const group = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const namespace = metadata.namespace === undefined ? "" : `/namespaces/${metadata.namespace}`;
  return `${group}${namespace}/${plural}/${metadata.name}`;
}

/** Makes objects, or makes them what they should be, as their one owner. */
export async function applyObjects(api: ClusterApi, objects: readonly KubernetesObject[]): Promise<void> {
  for (const object of objects) {
    await api(`${objectPath(object)}?fieldManager=fairlead-node&force=true`, {
      method: "PATCH",
      body: object,
      contentType: "application/apply-patch+yaml",
    });
  }
}

interface DeploymentStatus {
  readonly status?: { readonly availableReplicas?: number };
}

/** Waits until Deployments of the system have a pod that is ready. */
export async function available(api: ClusterApi, names: readonly string[], within = 90_000): Promise<void> {
  const deadline = Date.now() + within;
  for (const name of names) {
    for (;;) {
      const { status } = (await api(`/apis/apps/v1/namespaces/kube-system/deployments/${name}`)) as DeploymentStatus;
      if ((status?.availableReplicas ?? 0) > 0) break;
      if (Date.now() > deadline)
        throw new ToolchainError(`${name} does not become ready on the real node${await why(api)}`);
      await sleep(100);
    }
  }
}

/** The last complaints of the system's pods. */
async function why(api: ClusterApi): Promise<string> {
  try {
    const path = "/api/v1/namespaces/kube-system/events?fieldSelector=type%3DWarning";
    const { items } = (await api(path)) as { readonly items: readonly { readonly message?: string }[] };
    return items
      .slice(-3)
      .map(({ message = "" }) => `\n  ${message.slice(0, 300)}`)
      .join("");
  } catch (error) {
    if (error instanceof ApiError) return "";
    throw error;
  }
}
