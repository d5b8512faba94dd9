import { GITHUB, githubRelease, type PartName, type Source } from "./source.ts";
import { KUBERNETES_VERSION_STRINGS, kubernetesFile } from "./sources-run.ts";

const CNI: readonly PartName[] = ["ptp", "host-local", "portmap"];

/** What makes this machine a real node of the embedded cluster. All of it is for Linux. */
export const NODE_SOURCES: readonly Source[] = [
  {
    name: "kubelet",
    version: "1.36.3",
    accepts: { from: "1.36.0", below: "1.37.0" },
    programs: [
      { name: "kubelet", ask: ["--version"] },
      { name: "kube-proxy", ask: ["--version"] },
    ],
    release: (platform) =>
      platform.os === "linux" ? [kubernetesFile("kubelet", platform), kubernetesFile("kube-proxy", platform)] : [],
    builds: [
      {
        folder: "kubelet",
        packages: { kubelet: "k8s.io/kubernetes/cmd/kubelet", "kube-proxy": "k8s.io/kubernetes/cmd/kube-proxy" },
        set: KUBERNETES_VERSION_STRINGS,
        // After the control plane, with which they share most packages.
        seconds: 150,
      },
    ],
    home: "https://kubernetes.io/releases/download/",
  },
  {
    name: "containerd",
    version: "2.4.2",
    accepts: { from: "2.4.0", below: "3.0.0" },
    programs: [{ name: "containerd", ask: ["--version"] }, { name: "containerd-shim-runc-v2" }, { name: "ctr" }],
    release: (platform) =>
      platform.os !== "linux"
        ? []
        : githubRelease("containerd/containerd", "v2.4.2", ({ os, arch }) => ({
            name: `containerd-static-2.4.2-${os}-${arch}.tar.gz`,
            holds: {
              containerd: "bin/containerd",
              "containerd-shim-runc-v2": "bin/containerd-shim-runc-v2",
              ctr: "bin/ctr",
            },
          }))(platform),
    builds: [
      {
        folder: "containerd",
        packages: {
          containerd: "github.com/containerd/containerd/v2/cmd/containerd",
          "containerd-shim-runc-v2": "github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2",
          ctr: "github.com/containerd/containerd/v2/cmd/ctr",
        },
        set: { "github.com/containerd/containerd/v2/version.Version": "2.4.2" },
        seconds: 65,
      },
    ],
    home: "https://containerd.io/downloads/",
  },
  {
    name: "runc",
    version: "1.5.2",
    // Debian 12 has 1.1.5, which was seen to do.
    accepts: { from: "1.1.0", below: "2.0.0" },
    programs: [{ name: "runc", ask: ["--version"] }],
    release: ({ os, arch }) => {
      const base = `${GITHUB}/opencontainers/runc/releases/download/v1.5.2`;
      return os !== "linux"
        ? []
        : [
            {
              url: `${base}/runc.${arch}`,
              checksum: { kind: "list", url: `${base}/runc.sha256sum` },
              holds: "runc",
            },
          ];
    },
    // Its first steps are written in C, and its seccomp filter is libseccomp: Go alone can not build it.
    builds: [],
    packaged: "runc",
    home: "https://github.com/opencontainers/runc/releases",
  },
  {
    name: "cni-plugins",
    version: "1.9.1",
    accepts: { from: "1.9.0", below: "2.0.0" },
    programs: CNI.map((name) => (name === "ptp" ? { name, ask: ["--version"] } : { name })),
    release: ({ os, arch }) => {
      const archive = `${GITHUB}/containernetworking/plugins/releases/download/v1.9.1/cni-plugins-${os}-${arch}-v1.9.1.tgz`;
      return os !== "linux"
        ? []
        : [
            {
              url: archive,
              checksum: { kind: "list", url: `${archive}.sha256` },
              holds: Object.fromEntries(CNI.map((name) => [name, `./${name}`])),
            },
          ];
    },
    builds: [
      {
        folder: "cni",
        packages: {
          ptp: "github.com/containernetworking/plugins/plugins/main/ptp",
          "host-local": "github.com/containernetworking/plugins/plugins/ipam/host-local",
          portmap: "github.com/containernetworking/plugins/plugins/meta/portmap",
        },
        seconds: 20,
      },
    ],
    home: "https://github.com/containernetworking/plugins/releases",
  },
  {
    name: "coredns",
    version: "1.15.0",
    accepts: { from: "1.12.0", below: "2.0.0" },
    programs: [{ name: "coredns", ask: ["-version"] }],
    // It runs in a pod, so it must stand without the machine's libraries; what is on PATH may not.
    release: ({ os, arch }) => {
      const archive = `${GITHUB}/coredns/coredns/releases/download/v1.15.0/coredns_1.15.0_${os}_${arch}.tgz`;
      return [{ url: archive, checksum: { kind: "list", url: `${archive}.sha256` }, holds: { coredns: "coredns" } }];
    },
    builds: [{ folder: "coredns", packages: { coredns: "." }, seconds: 150 }],
    home: "https://github.com/coredns/coredns/releases",
  },
  {
    name: "metrics-server",
    version: "0.9.0",
    accepts: { from: "0.8.0", below: "1.0.0" },
    programs: [{ name: "metrics-server", ask: ["--version"] }],
    // Published as an image only.
    release: () => [],
    builds: [
      {
        folder: "metrics-server",
        packages: { "metrics-server": "sigs.k8s.io/metrics-server/cmd/metrics-server" },
        set: { "sigs.k8s.io/metrics-server/pkg/version.gitVersion": "v0.9.0" },
        seconds: 305,
      },
    ],
    home: "https://github.com/kubernetes-sigs/metrics-server",
  },
  {
    name: "node-agent",
    version: "1.0.0",
    accepts: { from: "1.0.0", below: "1.0.1" },
    // Our own: nobody publishes it.
    programs: [{ name: "node-agent", ask: ["version"] }],
    release: () => [],
    builds: [{ folder: "node-agent", packages: { "node-agent": "." }, seconds: 45 }],
    home: "https://kubernetes.io/docs/concepts/services-networking/network-policies/",
  },
  {
    name: "pause",
    version: "1.0.0",
    accepts: { from: "1.0.0", below: "1.0.1" },
    programs: [{ name: "pause", ask: ["--version"] }],
    release: () => [],
    builds: [{ folder: "pause", packages: { pause: "." }, seconds: 5 }],
    home: "https://kubernetes.io/docs/concepts/workloads/pods/",
  },
];
