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
  | "promtool"
  | "prometheus"
  | "alertmanager"
  | "amtool"
  | "helm"
  | "jsonnet"
  | "otelcol"
  | "jaeger";

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
  /** Where a person gets it. */
  readonly home: string;
}

const GITHUB = "https://github.com";

function githubDigest(repository: string, tag: string): Checksum {
  return { kind: "github", url: `https://api.github.com/repos/${repository}/releases/tags/${tag}` };
}

function kubernetesFile(program: PartName, platform: Platform): ReleaseFile {
  const url = `https://dl.k8s.io/release/v1.36.3/bin/${platform.os}/${platform.arch}/${program}`;
  return { url, checksum: { kind: "bare", url: `${url}.sha256` }, holds: program };
}

const KUBERNETES_VERSION_STRINGS = {
  "k8s.io/component-base/version.gitVersion": "v1.36.3",
  "k8s.io/component-base/version.gitMajor": "1",
  "k8s.io/component-base/version.gitMinor": "36",
  "k8s.io/component-base/version.gitTreeState": "clean",
};

/** The npm package @pulumi/kubernetes asks for a provider of exactly its own version. */
export const PROVIDER_VERSION = "4.27.0";

/** Every part, in the order in which a first run wants them. */
export const SOURCES: readonly Source[] = [
  {
    name: "etcd",
    version: "3.6.8",
    accepts: { from: "3.6.0", below: "3.7.0" },
    programs: [{ name: "etcd", ask: ["--version"] }],
    release: ({ os, arch }) => {
      const folder = `etcd-v3.6.8-${os}-${arch}`;
      const base = `${GITHUB}/etcd-io/etcd/releases/download/v3.6.8`;
      return [
        {
          url: `${base}/${folder}.${os === "darwin" ? "zip" : "tar.gz"}`,
          checksum: { kind: "list", url: `${base}/SHA256SUMS` },
          holds: { etcd: `${folder}/etcd` },
        },
      ];
    },
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
    release: ({ os, arch }) => {
      const base = `${GITHUB}/pulumi/pulumi/releases/download/v3.255.0`;
      return [
        {
          url: `${base}/pulumi-v3.255.0-${os}-${arch === "amd64" ? "x64" : arch}.tar.gz`,
          checksum: { kind: "list", url: `${base}/pulumi-3.255.0-checksums.txt` },
          holds: { pulumi: "pulumi/pulumi", "pulumi-language-nodejs": "pulumi/pulumi-language-nodejs" },
        },
      ];
    },
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
  {
    name: "kubeconform",
    version: "0.8.0",
    accepts: { from: "0.6.7", below: "1.0.0" },
    programs: [{ name: "kubeconform", ask: ["-v"] }],
    release: ({ os, arch }) => {
      const base = `${GITHUB}/yannh/kubeconform/releases/download/v0.8.0`;
      return [
        {
          url: `${base}/kubeconform-${os}-${arch}.tar.gz`,
          checksum: { kind: "list", url: `${base}/CHECKSUMS` },
          holds: { kubeconform: "kubeconform" },
        },
      ];
    },
    builds: [
      {
        folder: "kubeconform",
        packages: { kubeconform: "github.com/yannh/kubeconform/cmd/kubeconform" },
        set: { "main.version": "v0.8.0" },
        seconds: 15,
      },
    ],
    home: "https://github.com/yannh/kubeconform#installation",
  },
  {
    name: "kube-score",
    version: "1.20.0",
    accepts: { from: "1.20.0", below: "2.0.0" },
    programs: [{ name: "kube-score", ask: ["version"] }],
    release: ({ os, arch }) => {
      const base = `${GITHUB}/zegl/kube-score/releases/download/v1.20.0`;
      return [
        {
          url: `${base}/kube-score_1.20.0_${os}_${arch}.tar.gz`,
          checksum: { kind: "list", url: `${base}/checksums.txt` },
          holds: { "kube-score": "kube-score" },
        },
      ];
    },
    builds: [
      {
        folder: "kube-score",
        packages: { "kube-score": "github.com/zegl/kube-score/cmd/kube-score" },
        set: { "main.version": "1.20.0" },
        seconds: 35,
      },
    ],
    home: "https://github.com/zegl/kube-score#installation",
  },
  {
    name: "promtool",
    version: "3.15.0",
    // Unit tests of rules have their present form since 2.40.
    accepts: { from: "2.40.0", below: "4.0.0" },
    programs: [{ name: "promtool", ask: ["--version"] }],
    release: ({ os, arch }) => {
      const base = `${GITHUB}/prometheus/prometheus/releases/download/v3.15.0`;
      const folder = `prometheus-3.15.0.${os}-${arch}`;
      return [
        {
          url: `${base}/${folder}.tar.gz`,
          checksum: { kind: "list", url: `${base}/sha256sums.txt` },
          holds: { promtool: `${folder}/promtool` },
        },
      ];
    },
    builds: [
      {
        folder: "promtool",
        packages: { promtool: "github.com/prometheus/prometheus/cmd/promtool" },
        set: { "github.com/prometheus/common/version.Version": "3.15.0" },
        seconds: 225,
      },
    ],
    home: "https://prometheus.io/download/",
  },
  {
    name: "prometheus",
    version: "3.15.0",
    accepts: { from: "2.40.0", below: "4.0.0" },
    programs: [{ name: "prometheus", ask: ["--version"] }],
    release: ({ os, arch }) => {
      const base = `${GITHUB}/prometheus/prometheus/releases/download/v3.15.0`;
      const folder = `prometheus-3.15.0.${os}-${arch}`;
      return [
        {
          url: `${base}/${folder}.tar.gz`,
          checksum: { kind: "list", url: `${base}/sha256sums.txt` },
          holds: { prometheus: `${folder}/prometheus` },
        },
      ];
    },
    builds: [
      {
        folder: "prometheus",
        packages: { prometheus: "github.com/prometheus/prometheus/cmd/prometheus" },
        set: { "github.com/prometheus/common/version.Version": "3.15.0" },
        seconds: 275,
      },
    ],
    home: "https://prometheus.io/download/",
  },
  {
    name: "alertmanager",
    // From 0.32 on its page is not part of the Go module, so it could not be built from there.
    version: "0.31.1",
    // The first that reads WeCom's secret from a file.
    accepts: { from: "0.31.0", below: "1.0.0" },
    programs: [
      { name: "alertmanager", ask: ["--version"] },
      { name: "amtool", ask: ["--version"] },
    ],
    release: ({ os, arch }) => {
      const base = `${GITHUB}/prometheus/alertmanager/releases/download/v0.31.1`;
      const folder = `alertmanager-0.31.1.${os}-${arch}`;
      return [
        {
          url: `${base}/${folder}.tar.gz`,
          checksum: { kind: "list", url: `${base}/sha256sums.txt` },
          holds: { alertmanager: `${folder}/alertmanager`, amtool: `${folder}/amtool` },
        },
      ];
    },
    builds: [
      {
        folder: "alertmanager",
        packages: {
          alertmanager: "github.com/prometheus/alertmanager/cmd/alertmanager",
          amtool: "github.com/prometheus/alertmanager/cmd/amtool",
        },
        set: { "github.com/prometheus/common/version.Version": "0.31.1" },
        seconds: 90,
      },
    ],
    home: "https://prometheus.io/download/",
  },
  {
    name: "otelcol",
    version: "0.140.1",
    accepts: { from: "0.140.0", below: "0.141.0" },
    programs: [{ name: "otelcol", ask: ["--version"] }],
    release: ({ os, arch }) => {
      const base = `${GITHUB}/open-telemetry/opentelemetry-collector-releases/releases/download/v0.140.1`;
      return [
        {
          url: `${base}/otelcol-contrib_0.140.1_${os}_${arch}.tar.gz`,
          checksum: { kind: "list", url: `${base}/opentelemetry-collector-releases_otelcol-contrib_checksums.txt` },
          holds: { otelcol: "otelcol-contrib" },
        },
      ];
    },
    // Of the parts that our configurations name, as the collector's own builder would write it.
    builds: [{ folder: "otelcol", packages: { otelcol: "." }, set: { "main.version": "0.140.1" }, seconds: 275 }],
    home: "https://opentelemetry.io/docs/collector/install/",
  },
  {
    name: "jaeger",
    version: "2.13.0",
    accepts: { from: "2.13.0", below: "3.0.0" },
    programs: [{ name: "jaeger", ask: ["version"] }],
    release: ({ os, arch }) => {
      const base = `${GITHUB}/jaegertracing/jaeger/releases/download/v2.13.0`;
      const folder = `jaeger-2.13.0-${os}-${arch}`;
      return [
        {
          url: `${base}/${folder}.tar.gz`,
          checksum: githubDigest("jaegertracing/jaeger", "v2.13.0"),
          holds: { jaeger: `${folder}/jaeger` },
        },
      ];
    },
    builds: [
      {
        folder: "jaeger",
        packages: { jaeger: "github.com/jaegertracing/jaeger/cmd/jaeger" },
        set: { "github.com/jaegertracing/jaeger/internal/version.latestVersion": "v2.13.0" },
        seconds: 185,
      },
    ],
    home: "https://www.jaegertracing.io/download/",
  },
  {
    name: "helm",
    version: "4.3.1",
    accepts: { from: "4.0.0", below: "5.0.0" },
    programs: [{ name: "helm", ask: ["version", "--short"] }],
    release: ({ os, arch }) => {
      const archive = `https://get.helm.sh/helm-v4.3.1-${os}-${arch}.tar.gz`;
      return [
        {
          url: archive,
          checksum: { kind: "list", url: `${archive}.sha256sum` },
          holds: { helm: `${os}-${arch}/helm` },
        },
      ];
    },
    builds: [
      {
        folder: "helm",
        packages: { helm: "helm.sh/helm/v4/cmd/helm" },
        set: { "helm.sh/helm/v4/internal/version.version": "v4.3.1" },
        seconds: 85,
      },
    ],
    home: "https://helm.sh/docs/intro/install/",
  },
  {
    name: "jsonnet",
    version: "0.21.0",
    accepts: { from: "0.20.0", below: "1.0.0" },
    programs: [{ name: "jsonnet", ask: ["--version"] }],
    // Its archives also hold the programs that we do not want, and every distribution packages it: building takes seconds.
    release: () => [],
    builds: [{ folder: "jsonnet", packages: { jsonnet: "github.com/google/go-jsonnet/cmd/jsonnet" }, seconds: 5 }],
    home: "https://github.com/google/go-jsonnet#installation-instructions",
  },
];

/** The source of a program. Throws on a program that no source makes, which is a slip in this table. */
export function sourceOf(part: PartName, sources: readonly Source[] = SOURCES): Source {
  const source = sources.find((candidate) => candidate.programs.some((program) => program.name === part));
  if (source === undefined) throw new Error(`no source makes ${part}`);
  return source;
}

/** What `pulumi up` needs. */
export const ENGINE_PARTS: readonly PartName[] = ["pulumi", "pulumi-language-nodejs", "pulumi-resource-kubernetes"];

/** What the embedded cluster needs. */
export const CLUSTER_PARTS: readonly PartName[] = [
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kubectl",
  "kwok",
  "kwokctl",
];

/** What the tests ask for a second opinion. */
export const PEER_PARTS: readonly PartName[] = [
  "kubeconform",
  "kube-score",
  "promtool",
  "prometheus",
  "alertmanager",
  "amtool",
  "otelcol",
  "jaeger",
];

/** What `npm run bench -- --peers` is measured against. */
export const BENCH_PARTS: readonly PartName[] = ["helm", "jsonnet"];
