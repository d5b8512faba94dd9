import { join } from "node:path";
import {
  CLUSTER_DOMAIN,
  IMAGES,
  MACHINE,
  NETWORK,
  NODE_LABELS,
  NODE_NAME,
  NODE_PORTS,
  type NodeFiles,
  OWN_FOLDERS,
  OWN_SETTINGS,
} from "./layout.ts";

/** A file of settings: where it stands, and what it says. */
export interface SettingsFile {
  readonly path: string;
  readonly text: string;
}

/** Every file that the node's programs read, but for keys. The same folder gives the same files. */
export function settingsFiles(files: NodeFiles, ca: string): readonly SettingsFile[] {
  const json = (name: string, value: unknown): SettingsFile => ({
    path: join(files.settings, name),
    text: `${JSON.stringify(value, undefined, 2)}\n`,
  });
  return [
    { path: join(files.settings, "containerd.toml"), text: containerdSettings(files) },
    json("cni/10-fairlead.conflist", cniSettings(files)),
    json("kubelet.json", kubeletSettings(ca)),
    json("kube-proxy.json", kubeProxySettings(files)),
    ...Object.entries(OWN_SETTINGS).map(([name, value]) => ({
      path: join(files.settings, "kernel", name.replaceAll("/", ".")),
      text: `${value}\n`,
    })),
  ];
}

/** containerd's configuration. https://github.com/containerd/containerd/blob/main/docs/cri/config.md */
export function containerdSettings(files: NodeFiles): string {
  const text = JSON.stringify;
  return `version = 3
root = ${text(files.images)}
state = ${text(MACHINE.state)}
disabled_plugins = [
  "io.containerd.snapshotter.v1.blockfile",
  "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper",
  "io.containerd.snapshotter.v1.erofs",
  "io.containerd.snapshotter.v1.zfs",
  "io.containerd.nri.v1.nri",
]

[grpc]
  address = ${text(MACHINE.socket)}

[plugins."io.containerd.internal.v1.opt"]
  path = ${text(join(files.folder, "opt"))}

[plugins."io.containerd.image-verifier.v1.bindir"]
  bin_dir = ${text(join(files.folder, "opt", "verifiers"))}

[plugins."io.containerd.cri.v1.images"]
  snapshotter = "overlayfs"

[plugins."io.containerd.cri.v1.images".pinned_images]
  sandbox = ${text(IMAGES.pause)}

[plugins."io.containerd.cri.v1.images".registry]
  config_path = ${text(files.mirrors)}

[plugins."io.containerd.cri.v1.runtime"]
  # A node inside a container may neither lower the score nor load a profile.
  restrict_oom_score_adj = true
  disable_apparmor = true
  netns_mounts_under_state_dir = true

[plugins."io.containerd.cri.v1.runtime".cni]
  bin_dirs = [${text(files.programs)}]
  conf_dir = ${text(join(files.settings, "cni"))}
  use_internal_loopback = true

[plugins."io.containerd.cri.v1.runtime".containerd]
  default_runtime_name = "runc"

[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"

[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
  BinaryName = ${text(join(files.programs, "runc"))}
  SystemdCgroup = false
`;
}

/**
 * Each pod has a link of its own to the node, so that every packet between two pods is routed and network policies see
 * it: a bridge would pass it on unseen, unless a setting of the whole machine says otherwise.
 */
export function cniSettings(files: NodeFiles): unknown {
  return {
    cniVersion: "1.0.0",
    name: "fairlead",
    plugins: [
      {
        type: "ptp",
        ipMasq: false,
        ipam: {
          type: "host-local",
          dataDir: join(MACHINE.run, "addresses"),
          ranges: [[{ subnet: NETWORK.pods }]],
          routes: [{ dst: "0.0.0.0/0" }],
          resolvConf: join(files.settings, "resolv.conf"),
        },
      },
      { type: "portmap", backend: "nftables", capabilities: { portMappings: true } },
    ],
  };
}

/** @param ca File of the authority that signs clients. https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/ */
export function kubeletSettings(ca: string): unknown {
  return {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    address: NETWORK.node,
    port: NODE_PORTS.kubelet,
    readOnlyPort: 0,
    healthzPort: 0,
    authentication: { anonymous: { enabled: false }, webhook: { enabled: true }, x509: { clientCAFile: ca } },
    authorization: { mode: "Webhook" },
    cgroupDriver: "cgroupfs",
    cgroupRoot: `/${MACHINE.cgroup}`,
    // Version 2 is what a machine of today has; a container or an old distribution may have version 1.
    failCgroupV1: false,
    failSwapOn: false,
    clusterDNS: [NETWORK.dns],
    clusterDomain: CLUSTER_DOMAIN,
    // Names of other machines are not the cluster's to resolve.
    resolvConf: "",
    containerRuntimeEndpoint: `unix://${MACHINE.socket}`,
    podLogsDir: "/var/log/pods",
    volumePluginDir: "/var/lib/kubelet/volume-plugins",
    maxPods: 250,
    oomScoreAdj: 0,
    makeIPTablesUtilChains: false,
    // One node bears what many share elsewhere.
    kubeAPIQPS: 100,
    kubeAPIBurst: 200,
    registryPullQPS: 0,
    serializeImagePulls: false,
    // The machine's disk is the user's: what it has free is enough.
    evictionHard: { "memory.available": "100Mi", "nodefs.available": "1%", "imagefs.available": "1%" },
    imageGCHighThresholdPercent: 100,
    shutdownGracePeriod: "0s",
  };
}

/** https://kubernetes.io/docs/reference/config-api/kube-proxy-config.v1alpha1/ */
export function kubeProxySettings(files: NodeFiles): unknown {
  return {
    apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
    kind: "KubeProxyConfiguration",
    mode: "nftables",
    clusterCIDR: NETWORK.pods,
    hostnameOverride: NODE_NAME,
    clientConnection: { kubeconfig: files.kubeconfig },
    healthzBindAddress: "127.0.0.1:10256",
    metricsBindAddress: "127.0.0.1:10249",
    // Limits of connections are the machine's.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: "0s", tcpCloseWaitTimeout: "0s" },
    nftables: { minSyncPeriod: "100ms" },
  };
}

/** File of the registry's configuration, among the node's settings. */
export const REGISTRY_SETTINGS = "registry.json";

/** The registry's configuration; JSON is YAML. https://distribution.github.io/distribution/about/configuration/ */
export function registrySettings(files: NodeFiles, port: number): SettingsFile {
  const settings = {
    version: 0.1,
    log: { level: "warn", accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: files.registry }, delete: { enabled: true } },
    http: { addr: `127.0.0.1:${port}` },
  };
  return { path: join(files.settings, REGISTRY_SETTINGS), text: `${JSON.stringify(settings, undefined, 2)}\n` };
}

/**
 * Which registry is asked first for the images of one that is named in a pod. Its own is asked when ours has none.
 * @param own Whether it is ours, by the address that the host has for it.
 */
export function mirrorSettings(registry: string, own = false): string {
  const ours = `http://127.0.0.1:${NODE_PORTS.registry}`;
  if (own)
    return `# The node's own registry, as the host calls it.\n[host."${ours}"]\n  capabilities = ["pull", "resolve"]\n`;
  return `# Images of ${registry} that were put into the node's own registry.
[host."${ours}/v2/${registry.replaceAll(":", "-")}"]
  capabilities = ["pull", "resolve"]
  override_path = true
`;
}

/** The node's own arguments of a program that is started by us. */
export function programArguments(
  files: NodeFiles,
): Readonly<Record<"containerd" | "kubelet" | "kube-proxy", readonly string[]>> {
  const labels = Object.entries(NODE_LABELS).map(([key, value]) => `${key}=${value}`);
  return {
    containerd: ["--config", join(files.settings, "containerd.toml")],
    kubelet: [
      `--config=${join(files.settings, "kubelet.json")}`,
      `--kubeconfig=${files.kubeconfig}`,
      `--hostname-override=${NODE_NAME}`,
      `--node-ip=${NETWORK.node}`,
      `--node-labels=${labels.join(",")}`,
    ],
    "kube-proxy": [`--config=${join(files.settings, "kube-proxy.json")}`],
  };
}

/**
 * What a shell does in the namespaces that were made for the node, before it becomes containerd: the machine's folders
 * and settings that Kubernetes' programs would write to are covered by the node's own. Nothing of it is seen outside, and
 * all of it is gone with the last process inside.
 */
export function enterScript(files: NodeFiles): string {
  const quoted = (path: string) => `'${path.replaceAll("'", "'\\''")}'`;
  const lines = [
    "set -e",
    // Volumes that are mounted later must be seen by containers that run already.
    "mount --make-rshared /",
    ...Object.entries(OWN_FOLDERS).map(([at, own]) => `mount --bind ${quoted(join(files.own, own))} ${at}`),
    ...Object.keys(OWN_SETTINGS).map(
      (name) =>
        `if [ -e /proc/sys/${name} ]; then mount --bind ${quoted(join(files.settings, "kernel", name.replaceAll("/", ".")))} /proc/sys/${name}; fi`,
    ),
    "ip link set lo up",
    "echo 1 > /proc/sys/net/ipv4/ip_forward",
    // The link to the host comes from outside, when this process is there to be named.
    `exec ${quoted(join(files.programs, "containerd"))} ${programArguments(files).containerd.map(quoted).join(" ")}`,
  ];
  return `${lines.join("\n")}\n`;
}
