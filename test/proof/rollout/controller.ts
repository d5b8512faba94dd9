import { ensureParts, installCrds } from "../../../toolchain/index.ts";
import { freePorts } from "../../../toolchain/ports.ts";
import { type Served, serve } from "../../integration/observability/server.ts";

/** What the controller must find in the API server, whatever an environment uses of it. */
const KINDS = ["Rollout", "AnalysisTemplate", "ClusterAnalysisTemplate", "AnalysisRun", "Experiment"];

/**
 * The real controller of Argo Rollouts.
 * @param folder Where it is started.
 */
export async function openController(kubeconfig: string, folder: string): Promise<Served> {
  const argo = KINDS.map((kind) => ({ apiVersion: "argoproj.io/v1alpha1", kind }));
  await installCrds(kubeconfig, argo);
  const parts = await ensureParts(["rollouts-controller"]);
  const { file = "rollouts-controller" } = parts.get("rollouts-controller") ?? {};
  const [health = 0, metrics = 0] = await freePorts(2);
  const args = [
    `--kubeconfig=${kubeconfig}`,
    "--leader-elect=false",
    `--healthzPort=${health}`,
    `--metricsPort=${metrics}`,
    "--loglevel=warn",
  ];
  return serve(file, args, { folder, address: `http://127.0.0.1:${health}`, ready: "/healthz" });
}
