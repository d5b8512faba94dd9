import { GITHUB, type Source } from "./source.ts";

/** What the proof of GitOps runs: Argo CD, whose parts are one program under several names, and its cache. */
export const GITOPS_SOURCES: readonly Source[] = [
  {
    name: "argo-cd",
    // From 3.3 on it needs a module that no proxy serves, so it could not be built from there.
    version: "3.2.6",
    accepts: { from: "3.2.6", below: "3.3.0" },
    programs: [{ name: "argocd", ask: ["version", "--client", "--short"] }],
    release: ({ os, arch }) => {
      const base = `${GITHUB}/argoproj/argo-cd/releases/download/v3.2.6`;
      return [
        {
          url: `${base}/argocd-${os}-${arch}`,
          checksum: { kind: "list", url: `${base}/cli_checksums.txt` },
          holds: "argocd",
        },
      ];
    },
    builds: [
      {
        folder: "argo-cd",
        packages: { argocd: "github.com/argoproj/argo-cd/v3/cmd" },
        set: { "github.com/argoproj/argo-cd/v3/common.version": "3.2.6" },
        seconds: 370,
      },
    ],
    home: "https://argo-cd.readthedocs.io/en/stable/cli_installation/",
  },
  {
    name: "miniredis",
    version: "2.35.0",
    accepts: { from: "2.35.0", below: "2.36.0" },
    programs: [{ name: "miniredis" }],
    release: () => [],
    builds: [{ folder: "miniredis", packages: { miniredis: "." }, seconds: 5 }],
    home: "https://github.com/alicebob/miniredis",
  },
];
