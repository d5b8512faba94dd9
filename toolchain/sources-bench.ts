import type { Source } from "./source.ts";

/** What `npm run bench -- --peers` is measured against. */
export const BENCH_SOURCES: readonly Source[] = [
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
