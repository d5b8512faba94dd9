import { inside, itemsInside } from "../../../components/core/plain.ts";
import { type ClusterApi, clusterApi, readKubeconfig } from "../../../toolchain/cluster-api.ts";

/** A pod that answers, as its labels and image tell. */
export interface Pod {
  readonly name: string;
  readonly service: string;
  /** The image's tag. */
  readonly version: string;
}

/** What a Rollout is doing. */
export interface Seen {
  readonly phase: unknown;
  readonly message: unknown;
  readonly step: unknown;
  readonly aborted: boolean;
  readonly stable: unknown;
  readonly current: unknown;
  readonly replicas: unknown;
}

/** A namespace under watch: its answering pods are known at any moment, and its objects can be asked for. */
export interface Watch {
  readonly api: ClusterApi;
  readonly pods: () => readonly Pod[];
  readonly rollout: (name: string) => Promise<Seen>;
  readonly get: (path: string) => Promise<unknown>;
  /** Items of a list in the namespace, such as "apps/v1/replicasets". */
  readonly list: (path: string) => Promise<readonly unknown[]>;
  readonly close: () => Promise<void>;
}

const APP = "app.kubernetes.io/name";

export function openWatch(kubeconfig: string, namespace: string): Watch {
  const api = clusterApi(readKubeconfig(kubeconfig));
  const root = (path: string) => {
    const [group = "", version = "", ...rest] = path.split("/");
    return group === "core"
      ? `/api/${version}/namespaces/${namespace}/${rest.join("/")}`
      : `/apis/${group}/${version}/namespaces/${namespace}/${rest.join("/")}`;
  };
  const get: Watch["get"] = (path) => api(root(path));
  const list: Watch["list"] = async (path) => itemsInside(await get(path), "items");
  let pods: readonly Pod[] = [];
  let open = true;
  const polling = (async () => {
    while (open) {
      const found = await list("core/v1/pods").catch(() => undefined);
      if (found !== undefined) pods = found.filter(answers).map(podOf);
      await new Promise((wake) => setTimeout(wake, 300));
    }
  })();
  return {
    api,
    get,
    list,
    pods: () => pods,
    rollout: async (name) => {
      const object = await get(`argoproj.io/v1alpha1/rollouts/${name}`);
      const status = (key: string) => inside(object, "status", key);
      return {
        phase: status("phase"),
        message: status("message"),
        step: status("currentStepIndex"),
        aborted: status("abort") === true,
        stable: status("stableRS"),
        current: status("currentPodHash"),
        replicas: inside(object, "spec", "replicas"),
      };
    },
    close: async () => {
      open = false;
      await polling;
    },
  };
}

function answers(pod: unknown): boolean {
  if (inside(pod, "metadata", "deletionTimestamp") !== undefined) return false;
  return itemsInside(pod, "status", "conditions").some(
    (one) => inside(one, "type") === "Ready" && inside(one, "status") === "True",
  );
}

function podOf(pod: unknown): Pod {
  const image = String(inside(itemsInside(pod, "spec", "containers")[0], "image"));
  return {
    name: String(inside(pod, "metadata", "name")),
    service: String(inside(pod, "metadata", "labels", APP)),
    version: image.slice(image.lastIndexOf(":") + 1),
  };
}
