import { join, resolve } from "node:path";
import { type ClusterApi, clusterApi, readKubeconfig } from "../toolchain/cluster-api.ts";
import { type Forward, forward } from "./forward.ts";
import { makeImages } from "./images.ts";
import { ALERTMANAGER } from "./infra/alertmanager.ts";
import { PROMETHEUS } from "./infra/monitoring.ts";
import { program } from "./infra/program.ts";
import { playExternalSecrets } from "./secrets.ts";

/** The namespaces of the dev environment. */
export const NAMESPACE = "shop-dev";
export const TELEMETRY = "shop-dev-telemetry";

/** The environment while it runs. */
export interface Running {
  readonly api: ClusterApi;
  readonly kubeconfig: string;
  /** Ways to what answers. */
  readonly ways: () => Promise<Readonly<Record<"order" | "jaeger" | "prometheus" | "alertmanager", Forward>>>;
}

/** What the environment stands on, where it is not as made-up values say. */
export interface Surroundings {
  /** Secrets by their keys in the store. @default the store's own made-up values */
  readonly vault?: Readonly<Record<string, string>>;
  /** Done when the node runs, before there are pods. */
  readonly nodeRuns?: (cluster: string) => Promise<void>;
}

/**
 * Brings the environment up on a real node, from nothing.
 * @param fairlead Runs the command line in the demonstration's folder with that state.
 * @param said Told of each step that is done.
 */
export async function startEnvironment(
  state: string,
  fairlead: (...args: string[]) => Promise<unknown>,
  said: (text: string) => void = () => undefined,
  { vault, nodeRuns }: Surroundings = {},
): Promise<Running> {
  const cluster = join(state, "cluster");
  const kubeconfig = join(cluster, "kubeconfig");
  await fairlead("cluster", "start", "--node", "real");
  said("the node runs");
  await nodeRuns?.(cluster);
  const services = resolve(import.meta.dirname, "../services");
  const images = await makeImages(program.build("dev", {}), { services, work: join(state, "bin"), cluster });
  said(`images: ${images.join("; ")}`);
  const api = clusterApi(readKubeconfig(kubeconfig));
  const secrets = playExternalSecrets(api, vault);
  try {
    await fairlead("up", "dev");
  } finally {
    secrets.stop();
  }
  const open = (place: Parameters<typeof forward>[2]) => forward(kubeconfig, api, place);
  return {
    api,
    kubeconfig,
    ways: async () => ({
      order: await open({ namespace: NAMESPACE, name: "order", port: 8080 }),
      jaeger: await open({ namespace: TELEMETRY, name: "jaeger", port: 16686 }),
      prometheus: await open(PROMETHEUS),
      alertmanager: await open(ALERTMANAGER),
    }),
  };
}
