import type { PartName, Source } from "./source.ts";
import { BENCH_SOURCES } from "./sources-bench.ts";
import { CHECK_SOURCES } from "./sources-check.ts";
import { IMAGE_SOURCES } from "./sources-image.ts";
import { NODE_SOURCES } from "./sources-node.ts";
import { OBSERVE_SOURCES } from "./sources-observe.ts";
import { PROOF_SOURCES } from "./sources-proof.ts";
import { RUN_SOURCES } from "./sources-run.ts";

export { PROVIDER_VERSION } from "./sources-run.ts";

/** Every part, in the order in which a first run wants them. */
export const SOURCES: readonly Source[] = [
  ...RUN_SOURCES,
  ...NODE_SOURCES,
  ...CHECK_SOURCES,
  ...OBSERVE_SOURCES,
  ...IMAGE_SOURCES,
  ...PROOF_SOURCES,
  ...BENCH_SOURCES,
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

/** What a real node needs beside them. */
export const NODE_PARTS: readonly PartName[] = [
  "kubelet",
  "kube-proxy",
  "containerd",
  "containerd-shim-runc-v2",
  "ctr",
  "runc",
  "ptp",
  "host-local",
  "portmap",
  "coredns",
  "metrics-server",
  "node-agent",
  "pause",
];

/** What the tests ask for a second opinion. */
export const PEER_PARTS: readonly PartName[] = [
  "kubeconform",
  "kube-score",
  "actionlint",
  "promtool",
  "prometheus",
  "alertmanager",
  "amtool",
  "otelcol",
  "jaeger",
];

/** What `npm run bench -- --peers` is measured against. */
export const BENCH_PARTS: readonly PartName[] = ["helm", "jsonnet"];

/** What `npm run proof` runs against the embedded cluster. */
export const PROOF_PARTS: readonly PartName[] = [
  "egctl",
  "rollouts-controller",
  "prometheus",
  "istioctl",
  "pilot-discovery",
  "argocd",
  "miniredis",
];

/** What load tests are made with. */
export const LOAD_PARTS: readonly PartName[] = ["k6"];

/** What images are kept in on this machine. */
export const IMAGE_PARTS: readonly PartName[] = ["registry"];
