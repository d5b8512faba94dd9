import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { inside, itemsInside } from "../components/core/plain.ts";
import type { ClusterApi } from "../toolchain/cluster-api.ts";

/** A port of a pod, on a loopback address of this machine. */
export interface Forward {
  /** Such as "http://127.0.0.1:40123". */
  readonly address: string;
  readonly close: () => void;
}

/**
 * What `kubectl port-forward` does: a way to a pod that no network policy knows, for it begins inside the pod.
 * @param name Name of the workload; the first of its pods that is ready is taken.
 */
export async function forward(
  kubeconfig: string,
  api: ClusterApi,
  { namespace, name, port }: { readonly namespace: string; readonly name: string; readonly port: number },
): Promise<Forward> {
  const pod = await readyPod(api, namespace, name);
  const { KubeConfig, PortForward } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const way = new PortForward(config);
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    way.portForward(namespace, pod, [port], socket, null, socket).catch(() => socket.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port: local } = server.address() as AddressInfo;
  return { address: `http://127.0.0.1:${local}`, close: () => server.close() };
}

async function readyPod(api: ClusterApi, namespace: string, name: string): Promise<string> {
  const selector = encodeURIComponent(`app.kubernetes.io/name=${name}`);
  const pods = itemsInside(await api(`/api/v1/namespaces/${namespace}/pods?labelSelector=${selector}`), "items");
  const ready = pods.find(
    (pod) =>
      inside(pod, "metadata", "deletionTimestamp") === undefined &&
      itemsInside(pod, "status", "conditions").some(
        (one) => inside(one, "type") === "Ready" && inside(one, "status") === "True",
      ),
  );
  if (ready === undefined) throw new Error(`no pod of ${name} is ready in ${namespace}`);
  return String(inside(ready, "metadata", "name"));
}
