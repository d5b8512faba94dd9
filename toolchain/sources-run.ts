import type { Platform } from "./platform.ts";
import { GITHUB, githubDigest, githubRelease, type PartName, type ReleaseFile, type Source } from "./source.ts";

/** A program of Kubernetes' own release. */
export function kubernetesFile(program: PartName, platform: Platform): ReleaseFile {
  const url = `https://dl.k8s.io/release/v1.36.3/bin/${platform.os}/${platform.arch}/${program}`;
  return { url, checksum: { kind: "bare", url: `${url}.sha256` }, holds: program };
}

/** What the programs of Kubernetes say of themselves. */
export const KUBERNETES_VERSION_STRINGS = {
  "k8s.io/component-base/version.gitVersion": "v1.36.3",
  "k8s.io/component-base/version.gitMajor": "1",
  "k8s.io/component-base/version.gitMinor": "36",
  "k8s.io/component-base/version.gitTreeState": "clean",
};

/** The npm package @pulumi/kubernetes asks for a provider of exactly its own version. */
export const PROVIDER_VERSION = "4.27.0";

/** What engine and embedded cluster are made of, in the order in which a first run wants them. */
export const RUN_SOURCES: readonly Source[] = [
  {
    name: "etcd",
    version: "3.6.8",
    accepts: { from: "3.6.0", below: "3.7.0" },
    programs: [{ name: "etcd", ask: ["--version"] }],
    release: githubRelease("etcd-io/etcd", "v3.6.8", ({ os, arch }) => {
      const folder = `etcd-v3.6.8-${os}-${arch}`;
      return {
        name: `${folder}.${os === "darwin" ? "zip" : "tar.gz"}`,
        sums: "SHA256SUMS",
        holds: { etcd: `${folder}/etcd` },
      };
    }),
    builds: [{ folder: "etcd", packages: { etcd: "go.etcd.io/etcd/server/v3" }, seconds: 45 }],
    home: "https://etcd.io/docs/v3.6/install/",
  },
  {
    name: "kubernetes",
    version: "1.36.3",
    accepts: { from: "1.36.0", below: "1.37.0" },
    programs: [
      { name: "kube-apiserver", ask: ["--version"] },
      { name: "kube-controller-manager", ask: ["--version"] },
      { name: "kube-scheduler", ask: ["--version"] },
    ],
    // The control plane is published for Linux only.
    release: (platform) =>
      platform.os === "linux"
        ? [
            kubernetesFile("kube-apiserver", platform),
            kubernetesFile("kube-controller-manager", platform),
            kubernetesFile("kube-scheduler", platform),
          ]
        : [],
    builds: [
      {
        folder: "kubernetes",
        packages: {
          "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
          "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
          "kube-scheduler": "k8s.io/kubernetes/cmd/kube-scheduler",
        },
        set: KUBERNETES_VERSION_STRINGS,
        seconds: 225,
      },
    ],
    home: "https://kubernetes.io/releases/download/",
  },
  {
    name: "kubectl",
    version: "1.36.3",
    // kwokctl only asks the API server for its version and health with it.
    accepts: { from: "1.28.0", below: "2.0.0" },
    programs: [{ name: "kubectl", ask: ["version", "--client"] }],
    release: (platform) => [kubernetesFile("kubectl", platform)],
    builds: [
      {
        folder: "kubernetes",
        packages: { kubectl: "k8s.io/kubernetes/cmd/kubectl" },
        set: KUBERNETES_VERSION_STRINGS,
        seconds: 35,
      },
    ],
    home: "https://kubernetes.io/docs/tasks/tools/",
  },
  {
    name: "kwok",
    version: "0.8.0",
    accepts: { from: "0.8.0", below: "0.9.0" },
    programs: [
      { name: "kwok", ask: ["--version"] },
      { name: "kwokctl", ask: ["--version"] },
    ],
    release: ({ os, arch }) =>
      (["kwok", "kwokctl"] as const).map((program) => ({
        url: `${GITHUB}/kubernetes-sigs/kwok/releases/download/v0.8.0/${program}-${os}-${arch}`,
        checksum: githubDigest("kubernetes-sigs/kwok", "v0.8.0"),
        holds: program,
      })),
    builds: [
      {
        folder: "kwok",
        packages: { kwok: "sigs.k8s.io/kwok/cmd/kwok", kwokctl: "sigs.k8s.io/kwok/cmd/kwokctl" },
        seconds: 60,
      },
    ],
    home: "https://kwok.sigs.k8s.io/docs/user/installation/",
  },
  {
    name: "pulumi",
    version: "3.255.0",
    accepts: { from: "3.255.0", below: "4.0.0" },
    programs: [{ name: "pulumi", ask: ["version"] }, { name: "pulumi-language-nodejs" }],
    release: githubRelease("pulumi/pulumi", "v3.255.0", ({ os, arch }) => ({
      name: `pulumi-v3.255.0-${os}-${arch === "amd64" ? "x64" : arch}.tar.gz`,
      sums: "pulumi-3.255.0-checksums.txt",
      holds: { pulumi: "pulumi/pulumi", "pulumi-language-nodejs": "pulumi/pulumi-language-nodejs" },
    })),
    builds: [
      {
        folder: "pulumi",
        packages: { pulumi: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi" },
        set: { "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": "3.255.0" },
        seconds: 200,
      },
      {
        folder: "pulumi-language-nodejs",
        packages: {
          "pulumi-language-nodejs": "github.com/pulumi/pulumi/sdk/nodejs/cmd/pulumi-language-nodejs/v3",
        },
        set: { "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": "3.255.0" },
        seconds: 40,
      },
    ],
    home: "https://www.pulumi.com/docs/iac/download-install/",
  },
  {
    name: "kubernetes-provider",
    version: PROVIDER_VERSION,
    accepts: { from: PROVIDER_VERSION, below: "4.27.1" },
    programs: [{ name: "pulumi-resource-kubernetes", plugin: `resource-kubernetes-v${PROVIDER_VERSION}` }],
    release: ({ os, arch }) => [
      {
        url: `${GITHUB}/pulumi/pulumi-kubernetes/releases/download/v4.27.0/pulumi-resource-kubernetes-v4.27.0-${os}-${arch}.tar.gz`,
        checksum: githubDigest("pulumi/pulumi-kubernetes", "v4.27.0"),
        holds: { "pulumi-resource-kubernetes": "pulumi-resource-kubernetes" },
      },
    ],
    builds: [
      {
        folder: "pulumi-resource-kubernetes",
        packages: { "pulumi-resource-kubernetes": "." },
        set: { "github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version.Version": PROVIDER_VERSION },
        embed: {
          "schema.json": {
            module: "github.com/pulumi/pulumi-kubernetes/provider/v4",
            path: "cmd/pulumi-resource-kubernetes/schema.json",
          },
        },
        seconds: 345,
      },
    ],
    home: "https://www.pulumi.com/registry/packages/kubernetes/",
  },
];
