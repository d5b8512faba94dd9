import { inside, itemsInside } from "../../components/core/plain.ts";
import type { ClusterApi } from "../../toolchain/cluster-api.ts";
import { until } from "../integration/observability/server.ts";

/** A pod of a service as the API server has it; one that is on its way out is none. */
export interface SeenPod {
  readonly name: string;
  readonly uid: string;
  readonly service: string;
  /** What it asks for. */
  readonly image: string;
  /** What it runs: empty as long as nothing was pulled. */
  readonly runs: string;
  readonly ready: boolean;
  /** Why its container does not run, in the kubelet's words. */
  readonly waiting: string;
}

/** Pods of one namespace, in the order of their services. */
export async function podsOf(api: ClusterApi, namespace: string): Promise<readonly SeenPod[]> {
  const items = itemsInside(await api(`/api/v1/namespaces/${namespace}/pods`), "items");
  return items
    .filter((pod) => inside(pod, "metadata", "deletionTimestamp") === undefined)
    .map(seen)
    .sort((a, b) => (a.service < b.service ? -1 : 1));
}

/** The pods once every one of them is ready and there is one of each of these services. */
export function settled(api: ClusterApi, namespace: string, services: readonly string[]): Promise<readonly SeenPod[]> {
  return until(async () => {
    const pods = await podsOf(api, namespace);
    const complete = JSON.stringify(pods.map(({ service }) => service)) === JSON.stringify([...services].sort());
    return complete && pods.every(({ ready }) => ready) ? pods : undefined;
  });
}

function seen(pod: unknown): SeenPod {
  const [container] = itemsInside(pod, "spec", "containers");
  const [status] = itemsInside(pod, "status", "containerStatuses");
  const waiting = inside(status, "state", "waiting");
  return {
    name: String(inside(pod, "metadata", "name")),
    uid: String(inside(pod, "metadata", "uid")),
    service: String(inside(pod, "metadata", "labels", "app.kubernetes.io/name")),
    image: String(inside(container, "image")),
    runs: String(inside(status, "imageID") ?? ""),
    ready: itemsInside(pod, "status", "conditions").some(
      (one) => inside(one, "type") === "Ready" && inside(one, "status") === "True",
    ),
    waiting: waiting === undefined ? "" : `${String(inside(waiting, "reason"))} ${String(inside(waiting, "message"))}`,
  };
}
