import type { Platform } from "./platform.ts";
import type { VersionRange } from "./version.ts";

/** A program that Fairlead runs. */
export type PartName =
  | "pulumi"
  | "pulumi-language-nodejs"
  | "pulumi-resource-kubernetes"
  | "etcd"
  | "kube-apiserver"
  | "kube-controller-manager"
  | "kube-scheduler"
  | "kubectl"
  | "kwok"
  | "kwokctl"
  | "kubeconform"
  | "kube-score"
  | "actionlint"
  | "promtool"
  | "prometheus"
  | "alertmanager"
  | "amtool"
  | "helm"
  | "jsonnet"
  | "otelcol"
  | "jaeger"
  | "rollouts-controller"
  | "istioctl"
  | "pilot-discovery"
  | "argocd"
  | "miniredis"
  | "egctl"
  | "kubelet"
  | "kube-proxy"
  | "containerd"
  | "containerd-shim-runc-v2"
  | "ctr"
  | "runc"
  | "ptp"
  | "host-local"
  | "portmap"
  | "coredns"
  | "metrics-server"
  | "node-agent"
  | "pause"
  | "registry"
  | "k6";

/** One program of a source. */
interface Program {
  readonly name: PartName;
  /** Arguments that make it print its version. Without them it counts when it stands beside the source's first program. */
  readonly ask?: readonly string[];
  /** Folder under `plugins` of the user's PULUMI_HOME where Pulumi keeps this version of it; then PATH is not searched. */
  readonly plugin?: string;
}

/** One file of a publisher's release. */
export interface ReleaseFile {
  readonly url: string;
  /** Where the publisher says the SHA-256 of the file. */
  readonly checksum: Checksum;
  /** What the file holds: the program itself, or an archive with a program under each path. */
  readonly holds: PartName | Readonly<Partial<Record<PartName, string>>>;
}

/**
 * Where a SHA-256 is read from: a text with one sum and name a line ("list"), a text that is the sum ("bare"),
 * or GitHub's description of the release, for publishers without a checksum file ("github").
 */
export interface Checksum {
  readonly kind: "list" | "bare" | "github";
  readonly url: string;
}

/** One run of `go build` in a folder of toolchain/go. */
export interface GoBuild {
  /** Folder under toolchain/go, with go.mod and go.sum. */
  readonly folder: string;
  /** Build tags. @default none */
  readonly tags?: readonly string[];
  /** Go package of each program. */
  readonly packages: Readonly<Partial<Record<PartName, string>>>;
  /** Linker's -X settings. */
  readonly set?: Readonly<Record<string, string>>;
  /** Files that the build needs from a module's own folder: name here -> module and path. */
  readonly embed?: Readonly<Record<string, { readonly module: string; readonly path: string }>>;
  /** Measured on two cores with empty caches, in seconds. */
  readonly seconds: number;
}

/** Programs that come together, from one release or one pinned module. */
export interface Source {
  readonly name: string;
  /** What is downloaded or built. */
  readonly version: string;
  /** What is good enough when the user has it on PATH. */
  readonly accepts: VersionRange;
  readonly programs: readonly Program[];
  /** The publisher's files; none where the publisher makes none for the platform. */
  readonly release: (platform: Platform) => readonly ReleaseFile[];
  readonly builds: readonly GoBuild[];
  /** The package of Linux distributions that holds it, where Go can not build it. */
  readonly packaged?: string;
  /** Where a person gets it. */
  readonly home: string;
}

/** Where most publish their releases. */
export const GITHUB = "https://github.com";

/** The sum that GitHub tells of a release's file. */
export function githubDigest(repository: string, tag: string): Checksum {
  return { kind: "github", url: `https://api.github.com/repos/${repository}/releases/tags/${tag}` };
}

/** One file of a release on GitHub: its name, the name of the list of sums beside it, and what it holds. */
interface GithubFile {
  readonly name: string;
  /** @default none: GitHub itself tells the sum */
  readonly sums?: string;
  readonly holds: ReleaseFile["holds"];
}

/** A release on GitHub of one file for each platform. */
export function githubRelease(
  repository: string,
  tag: string,
  file: (platform: Platform) => GithubFile,
): Source["release"] {
  const base = `${GITHUB}/${repository}/releases/download/${tag}`;
  return (platform) => {
    const { name, sums, holds } = file(platform);
    const checksum: Checksum =
      sums === undefined ? githubDigest(repository, tag) : { kind: "list", url: `${base}/${sums}` };
    return [{ url: `${base}/${name}`, checksum, holds }];
  };
}
