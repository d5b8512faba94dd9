import { join } from "node:path";

/**
 * Addresses of the node. It has a network of its own, so these are seen on this machine alone; the first three are of a
 * block that documents may use and nobody else does, RFC 5737.
 */
export const NETWORK = {
  link: "fairlead0",
  host: "203.0.113.1",
  node: "203.0.113.2",
  prefix: 30,
  pods: "10.244.0.0/24",
  services: "10.96.0.0/16",
  /** The first address of the services is the API server's own. */
  api: "10.96.0.1",
  dns: "10.96.0.10",
} as const;

/** The domain of the cluster's names. */
export const CLUSTER_DOMAIN = "cluster.local";

/** Ports of the node, in its own network. */
export const NODE_PORTS = { kubelet: 10250, registry: 5000 } as const;

/** The node's name, and where it says that it stands. */
export const NODE_NAME = "node-a";

/** Labels of the node, as those of the played ones, so that what chooses by zone finds one. */
export const NODE_LABELS: Readonly<Record<string, string>> = {
  "node.kubernetes.io/instance-type": "fairlead.real",
  "topology.kubernetes.io/region": "embedded",
  "topology.kubernetes.io/zone": "zone-a",
};

/** Images that the node itself needs. */
export const IMAGES = {
  pause: "registry.fairlead.dev/node/pause:1.0.0",
  coredns: "registry.fairlead.dev/node/coredns:1.15.0",
  metricsServer: "registry.fairlead.dev/node/metrics-server:0.9.0",
} as const;

/** One real node can run on a machine: what is the machine's own about it stands here, and is gone when the machine restarts. */
export const RUN = "/run/fairlead-node";

/** What is the machine's own about the node. */
export const MACHINE = {
  run: RUN,
  /** Sockets and mounts of containers. */
  state: join(RUN, "containerd"),
  socket: join(RUN, "containerd", "containerd.sock"),
  /** Whose node it is, and what was there before. */
  note: join(RUN, "node.json"),
  lock: `${RUN}.lock`,
  /** Parent of all control groups of pods. */
  cgroup: "fairlead-node",
} as const;

/** Folders that Kubernetes' programs write to whatever they are told: the node sees its own in their place. */
export const OWN_FOLDERS: Readonly<Record<string, string>> = {
  "/var/lib/kubelet": "kubelet",
  "/var/lib/cni": "cni",
  "/var/log": "log",
  "/run/containerd": "run-containerd",
};

/** Settings of the kernel that the kubelet writes and that are not of a network: it writes into files of the node's instead. */
export const OWN_SETTINGS: Readonly<Record<string, string>> = {
  "vm/overcommit_memory": "1",
  "vm/panic_on_oom": "0",
  "kernel/panic": "10",
  "kernel/panic_on_oops": "1",
  "kernel/keys/root_maxkeys": "1000000",
  "kernel/keys/root_maxbytes": "25000000",
};

/** Where a node keeps what, under the cluster's folder. */
export interface NodeFiles {
  /** Everything of the node that outlives a stop. */
  readonly folder: string;
  /** What the node's processes are called by: each has its program in here. */
  readonly programs: string;
  /** Tools of the system that they call, and no other. */
  readonly tools: string;
  readonly settings: string;
  readonly logs: string;
  /** What stands in the place of the machine's folders. */
  readonly own: string;
  /** Images and snapshots. */
  readonly images: string;
  readonly registry: string;
  readonly volumes: string;
  /** Registries whose images are asked of ours first. */
  readonly mirrors: string;
  /** The kubeconfig of the node's programs. */
  readonly kubeconfig: string;
}

/** Where a node keeps what, under the folder of its cluster. */
export function nodeFiles(cluster: string): NodeFiles {
  const folder = join(cluster, "node");
  return {
    folder,
    programs: join(folder, "bin"),
    tools: join(folder, "tools"),
    settings: join(folder, "settings"),
    logs: join(folder, "logs"),
    own: join(folder, "own"),
    images: join(folder, "images"),
    registry: join(folder, "registry"),
    volumes: join(folder, "volumes"),
    mirrors: join(folder, "mirrors"),
    kubeconfig: join(folder, "settings", "kubeconfig"),
  };
}
