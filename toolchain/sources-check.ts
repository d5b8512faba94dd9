import { githubRelease, type Source } from "./source.ts";

/** What tests ask for a second opinion. */
export const CHECK_SOURCES: readonly Source[] = [
  {
    name: "kubeconform",
    version: "0.8.0",
    accepts: { from: "0.6.7", below: "1.0.0" },
    programs: [{ name: "kubeconform", ask: ["-v"] }],
    release: githubRelease("yannh/kubeconform", "v0.8.0", ({ os, arch }) => ({
      name: `kubeconform-${os}-${arch}.tar.gz`,
      sums: "CHECKSUMS",
      holds: { kubeconform: "kubeconform" },
    })),
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
    release: githubRelease("zegl/kube-score", "v1.20.0", ({ os, arch }) => ({
      name: `kube-score_1.20.0_${os}_${arch}.tar.gz`,
      sums: "checksums.txt",
      holds: { "kube-score": "kube-score" },
    })),
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
    release: githubRelease("rhysd/actionlint", "v1.7.12", ({ os, arch }) => ({
      name: `actionlint_1.7.12_${os}_${arch}.tar.gz`,
      sums: "actionlint_1.7.12_checksums.txt",
      holds: { actionlint: "actionlint" },
    })),
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
    release: githubRelease("prometheus/prometheus", "v3.15.0", ({ os, arch }) => {
      const folder = `prometheus-3.15.0.${os}-${arch}`;
      return { name: `${folder}.tar.gz`, sums: "sha256sums.txt", holds: { promtool: `${folder}/promtool` } };
    }),
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
];
