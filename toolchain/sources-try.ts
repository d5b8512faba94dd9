import { GITHUB, githubDigest, type Source } from "./source.ts";

/** What tests and benchmarks run beside it. */
export const TRY_SOURCES: readonly Source[] = [
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
    name: "actionlint",
    version: "1.7.12",
    accepts: { from: "1.7.8", below: "2.0.0" },
    programs: [{ name: "actionlint", ask: ["--version"] }],
    release: ({ os, arch }) => {
      const base = `${GITHUB}/rhysd/actionlint/releases/download/v1.7.12`;
      return [
        {
          url: `${base}/actionlint_1.7.12_${os}_${arch}.tar.gz`,
          checksum: { kind: "list", url: `${base}/actionlint_1.7.12_checksums.txt` },
          holds: { actionlint: "actionlint" },
        },
      ];
    },
    builds: [
      {
        folder: "actionlint",
        packages: { actionlint: "github.com/rhysd/actionlint/cmd/actionlint" },
        set: { "github.com/rhysd/actionlint.version": "1.7.12" },
        seconds: 9,
      },
    ],
    home: "https://github.com/rhysd/actionlint#quick-start",
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
    name: "argo-rollouts",
    version: "1.10.1",
    accepts: { from: "1.10.0", below: "2.0.0" },
    programs: [{ name: "rollouts-controller", ask: ["--version"] }],
    // The controller is published as an image only.
    release: () => [],
    builds: [
      {
        folder: "argo-rollouts",
        packages: { "rollouts-controller": "github.com/argoproj/argo-rollouts/cmd/rollouts-controller" },
        set: { "github.com/argoproj/argo-rollouts/utils/version.version": "1.10.1" },
        seconds: 280,
      },
    ],
    home: "https://argo-rollouts.readthedocs.io/en/stable/installation/",
  },
  {
    name: "istioctl",
    version: "1.31.1",
    accepts: { from: "1.30.0", below: "2.0.0" },
    programs: [{ name: "istioctl", ask: ["version", "--remote=false"] }],
    release: ({ os, arch }) => {
      const base = `${GITHUB}/istio/istio/releases/download/1.31.1`;
      const archive = `istioctl-1.31.1-${os === "darwin" ? "osx" : os}-${arch}.tar.gz`;
      return [
        {
          url: `${base}/${archive}`,
          checksum: { kind: "bare", url: `${base}/${archive}.sha256` },
          holds: { istioctl: "istioctl" },
        },
      ];
    },
    // No release of Istio is a version of its module; this is its branch of that release, with the API of 1.31.1.
    builds: [
      {
        folder: "istio",
        packages: { istioctl: "istio.io/istio/istioctl/cmd/istioctl" },
        set: { "istio.io/istio/pkg/version.buildVersion": "1.31.1" },
        seconds: 690,
      },
    ],
    home: "https://istio.io/latest/docs/setup/additional-setup/download-istio-release/",
  },
  {
    name: "istiod",
    version: "1.31.1",
    accepts: { from: "1.30.0", below: "2.0.0" },
    programs: [{ name: "pilot-discovery", ask: ["version", "--short"] }],
    // Published as an image only.
    release: () => [],
    builds: [
      {
        folder: "istio",
        packages: { "pilot-discovery": "istio.io/istio/pilot/cmd/pilot-discovery" },
        set: { "istio.io/istio/pkg/version.buildVersion": "1.31.1" },
        // After istioctl, with which it shares nearly everything.
        seconds: 110,
      },
    ],
    home: "https://istio.io/latest/docs/setup/",
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
