import { GITHUB, githubRelease, type Source } from "./source.ts";

/** What tests measure and send with: metrics, alerts, traces and logs. */
export const OBSERVE_SOURCES: readonly Source[] = [
  {
    name: "prometheus",
    version: "3.15.0",
    accepts: { from: "2.40.0", below: "4.0.0" },
    programs: [{ name: "prometheus", ask: ["--version"] }],
    release: githubRelease("prometheus/prometheus", "v3.15.0", ({ os, arch }) => {
      const folder = `prometheus-3.15.0.${os}-${arch}`;
      return { name: `${folder}.tar.gz`, sums: "sha256sums.txt", holds: { prometheus: `${folder}/prometheus` } };
    }),
    builds: [
      {
        folder: "prometheus",
        packages: { prometheus: "github.com/prometheus/prometheus/cmd/prometheus" },
        // Targets are given or asked of the DNS here; the clouds' own ways are half of the program and more of its build.
        tags: ["remove_all_sd", "enable_dns_sd"],
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
    release: githubRelease("prometheus/alertmanager", "v0.31.1", ({ os, arch }) => {
      const folder = `alertmanager-0.31.1.${os}-${arch}`;
      return {
        name: `${folder}.tar.gz`,
        sums: "sha256sums.txt",
        holds: { alertmanager: `${folder}/alertmanager`, amtool: `${folder}/amtool` },
      };
    }),
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
    release: githubRelease("open-telemetry/opentelemetry-collector-releases", "v0.140.1", ({ os, arch }) => ({
      name: `otelcol-contrib_0.140.1_${os}_${arch}.tar.gz`,
      sums: "opentelemetry-collector-releases_otelcol-contrib_checksums.txt",
      holds: { otelcol: "otelcol-contrib" },
    })),
    // Of the parts that our configurations name, as the collector's own builder would write it.
    builds: [{ folder: "otelcol", packages: { otelcol: "." }, set: { "main.version": "0.140.1" }, seconds: 275 }],
    home: "https://opentelemetry.io/docs/collector/install/",
  },
  {
    name: "jaeger",
    version: "2.13.0",
    accepts: { from: "2.13.0", below: "3.0.0" },
    programs: [{ name: "jaeger", ask: ["version"] }],
    release: githubRelease("jaegertracing/jaeger", "v2.13.0", ({ os, arch }) => {
      const folder = `jaeger-2.13.0-${os}-${arch}`;
      return { name: `${folder}.tar.gz`, holds: { jaeger: `${folder}/jaeger` } };
    }),
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
    name: "k6",
    version: "2.0.0",
    accepts: { from: "2.0.0", below: "3.0.0" },
    programs: [{ name: "k6", ask: ["version"] }],
    // AGPL-3.0: run as a program of its own, never linked or shipped.
    release: ({ os, arch }) => {
      // For macOS there are archives of a kind that is not unpacked here.
      if (os !== "linux") return [];
      const base = `${GITHUB}/grafana/k6/releases/download/v2.0.0`;
      const folder = `k6-v2.0.0-linux-${arch}`;
      return [
        {
          url: `${base}/${folder}.tar.gz`,
          checksum: { kind: "list", url: `${base}/k6-v2.0.0-checksums.txt` },
          holds: { k6: `${folder}/k6` },
        },
      ];
    },
    builds: [{ folder: "k6", packages: { k6: "go.k6.io/k6/v2" }, seconds: 81 }],
    home: "https://grafana.com/docs/k6/latest/set-up/install-k6/",
  },
];
