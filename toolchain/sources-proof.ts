import { GITHUB, githubRelease, type Source } from "./source.ts";

/** What `npm run proof` runs against the embedded cluster: the controllers of delivery and mesh. */
export const PROOF_SOURCES: readonly Source[] = [
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
    name: "egctl",
    version: "1.9.1",
    // Policies for single rules of a route are read since 1.4.
    accepts: { from: "1.4.0", below: "2.0.0" },
    programs: [{ name: "egctl", ask: ["version", "--remote=false"] }],
    release: githubRelease("envoyproxy/gateway", "v1.9.1", ({ os, arch }) => ({
      name: `egctl_v1.9.1_${os}_${arch}.tar.gz`,
      holds: { egctl: `bin/${os}/${arch}/egctl` },
    })),
    builds: [
      {
        folder: "egctl",
        packages: { egctl: "github.com/envoyproxy/gateway/cmd/egctl" },
        set: { "github.com/envoyproxy/gateway/internal/cmd/version.envoyGatewayVersion": "v1.9.1" },
        seconds: 600,
      },
    ],
    home: "https://gateway.envoyproxy.io/docs/install/install-egctl/",
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
    name: "argo-cd",
    // From 3.3 on it needs a module that no proxy serves, so it could not be built from there.
    version: "3.2.6",
    accepts: { from: "3.2.6", below: "3.3.0" },
    programs: [{ name: "argocd", ask: ["version", "--client", "--short"] }],
    release: githubRelease("argoproj/argo-cd", "v3.2.6", ({ os, arch }) => ({
      name: `argocd-${os}-${arch}`,
      sums: "cli_checksums.txt",
      holds: "argocd",
    })),
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
