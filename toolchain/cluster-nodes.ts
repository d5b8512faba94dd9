import { setTimeout as sleep } from "node:timers/promises";
import { ApiError, type ClusterApi } from "./cluster-api.ts";
import { STORAGE_CLASS } from "./cluster-stages.ts";
import { ToolchainError } from "./failure.ts";

/** The annotation by which kwok knows the nodes that it plays, and plays no other. */
export const FAKE_NODE_ANNOTATION = "kwok.x-k8s.io/node";

/** One node a zone, so that topology spread has something to spread over. */
const NODES = [
  { name: "node-a", zone: "zone-a", index: 0 },
  { name: "node-b", zone: "zone-b", index: 1 },
  { name: "node-c", zone: "zone-c", index: 2 },
] as const;

/** Room for some hundred services: what is played costs nothing, and who has no room would wait for ever. */
const RESOURCES = { cpu: "256", memory: "1Ti", "ephemeral-storage": "2Ti", pods: "2000" };

interface Node {
  readonly metadata: { readonly name: string };
  readonly status?: {
    readonly allocatable?: { readonly pods?: string };
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

function node({ name, zone, index }: (typeof NODES)[number]) {
  const arch = process.arch === "arm64" ? "arm64" : "amd64";
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      annotations: { [FAKE_NODE_ANNOTATION]: "fake", "node.alpha.kubernetes.io/ttl": "0" },
      labels: {
        "kubernetes.io/arch": arch,
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "node.kubernetes.io/instance-type": "fairlead.embedded",
        "topology.kubernetes.io/region": "embedded",
        "topology.kubernetes.io/zone": zone,
      },
    },
    // Addresses for all of those pods.
    spec: { podCIDR: `10.244.${16 * index}.0/20`, podCIDRs: [`10.244.${16 * index}.0/20`] },
    status: {
      addresses: [
        { type: "InternalIP", address: `192.0.2.${index + 1}` },
        { type: "Hostname", address: name },
      ],
      allocatable: RESOURCES,
      capacity: RESOURCES,
      nodeInfo: { architecture: arch, operatingSystem: "linux", osImage: "kwok", kubeletVersion: "v1.36.3" },
    },
  };
}

/** Who runs the pods of an embedded cluster: kwok, which plays three nodes, or this machine, which is one. */
export type NodeKind = "played" | "real";

/**
 * Makes the storage class and the played nodes that are missing, and waits until all nodes are ready; a real one makes
 * itself known. Throws a ToolchainError after `timeout` ms.
 */
export async function ensureNodes(api: ClusterApi, timeout: number, kind: NodeKind): Promise<void> {
  const deadline = Date.now() + timeout;
  await post(api, "/apis/storage.k8s.io/v1/storageclasses", STORAGE_CLASS);
  const present = new Map((await listNodes(api)).map((one) => [one.metadata.name, one]));
  for (const wanted of kind === "played" ? NODES : []) {
    const known = present.get(wanted.name);
    if (known === undefined) await post(api, "/api/v1/nodes", node(wanted));
    else if (known.status?.allocatable?.pods !== RESOURCES.pods) await grow(api, wanted.name);
  }
  for (;;) {
    const nodes = await listNodes(api);
    const waiting = nodes.filter((one) => !isReady(one)).map((one) => one.metadata.name);
    if (nodes.length > 0 && waiting.length === 0) return;
    if (Date.now() > deadline)
      throw new ToolchainError(`nodes do not become ready: ${waiting.join(", ") || "there is none"}`);
    await sleep(50);
  }
}

/** Gives a node of an earlier version the room that one has today. */
async function grow(api: ClusterApi, name: string): Promise<void> {
  const body = { status: { allocatable: RESOURCES, capacity: RESOURCES } };
  await api(`/api/v1/nodes/${name}/status`, { method: "PATCH", body, contentType: "application/merge-patch+json" });
}

/** Makes an object, or leaves the one alone that is there. */
async function post(api: ClusterApi, path: string, body: unknown): Promise<void> {
  try {
    await api(path, { method: "POST", body });
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 409) throw error;
  }
}

/** How many nodes there are, and how many of them are ready. */
export async function countNodes(api: ClusterApi): Promise<{ readonly all: number; readonly ready: number }> {
  const nodes = await listNodes(api);
  return { all: nodes.length, ready: nodes.filter(isReady).length };
}

async function listNodes(api: ClusterApi): Promise<readonly Node[]> {
  return ((await api("/api/v1/nodes")) as { readonly items: readonly Node[] }).items;
}

function isReady(one: Node): boolean {
  return one.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;
}
