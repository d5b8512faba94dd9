import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { Writable } from "node:stream";
import type { PortForward } from "@kubernetes/client-node";
import { inside, itemsInside } from "../components/core/plain.ts";
import type { ClusterApi } from "../toolchain/cluster-api.ts";

/** A port of a pod, on a loopback address of this machine. */
export interface Forward {
  /** Such as "http://127.0.0.1:40123". */
  readonly address: string;
  readonly close: () => void;
}

/** A port of a workload's pods. */
interface Target {
  readonly namespace: string;
  /** Name of the workload. */
  readonly name: string;
  readonly port: number;
}

/**
 * What `kubectl port-forward` does: a way to a pod that no network policy knows, for it begins inside the pod. Each
 * connection goes to the next of the pods that are ready, so that the way outlives a pod.
 */
export async function forward(kubeconfig: string, api: ClusterApi, target: Target): Promise<Forward> {
  await readyPods(api, target);
  const { KubeConfig, PortForward } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const way = new PortForward(config);
  let turn = 0;
  const lead = async (socket: Socket) => {
    const pods = await readyPods(api, target);
    await connect(way, target, pods[turn++ % pods.length] ?? "", socket);
  };
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    lead(socket).catch(() => socket.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port: local } = server.address() as AddressInfo;
  return { address: `http://127.0.0.1:${local}`, close: () => server.close() };
}

/** One connection, which ends at both ends at once. */
async function connect(way: PortForward, { namespace, port }: Target, pod: string, socket: Socket): Promise<void> {
  // The node complains where nobody listens in the pod any more.
  const complaints = new Writable({
    write: (said: Buffer, _, done) => {
      // The line begins with the number of the port, of which nothing is left here.
      if (said.length > 0) socket.destroy();
      done();
    },
  });
  const line = await way.portForward(namespace, pod, [port], socket, complaints, socket);
  if (typeof line === "function") return;
  line.addEventListener("close", () => socket.destroy());
  socket.once("close", () => line.close());
  if (socket.destroyed) line.close();
}

async function readyPods(api: ClusterApi, { namespace, name }: Target): Promise<readonly string[]> {
  const selector = encodeURIComponent(`app.kubernetes.io/name=${name}`);
  const pods = itemsInside(await api(`/api/v1/namespaces/${namespace}/pods?labelSelector=${selector}`), "items");
  const ready = pods.filter(
    (pod) =>
      inside(pod, "metadata", "deletionTimestamp") === undefined &&
      itemsInside(pod, "status", "conditions").some(
        (one) => inside(one, "type") === "Ready" && inside(one, "status") === "True",
      ),
  );
  if (ready.length === 0) throw new Error(`no pod of ${name} is ready in ${namespace}`);
  return ready.map((pod) => String(inside(pod, "metadata", "name")));
}
