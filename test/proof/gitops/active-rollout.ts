import { inside, itemsInside } from "../../../components/core/plain.ts";
import { openController } from "../rollout/controller.ts";
import { openTraffic } from "../rollout/traffic.ts";
import { openWatch } from "../rollout/watch.ts";

/** New versions that take over while somebody else delivers: the real controller, and a real Prometheus that is content. */
export interface ActiveRollout {
  /** Where Prometheus answers. */
  readonly prometheus: string;
  readonly object: (name: string) => Promise<unknown>;
  /** Whether a new version of a service is on its way. */
  readonly underWay: (name: string) => Promise<boolean>;
  /** The weights of the mesh's route for everybody: of the old version, of the new one. */
  readonly weights: (name: string) => Promise<readonly unknown[]>;
  /** Versions that a service's pods run. */
  readonly versions: (name: string) => readonly string[];
  readonly close: () => Promise<void>;
}

export async function activeRollout(kubeconfig: string, namespace: string, folder: string): Promise<ActiveRollout> {
  const watch = openWatch(kubeconfig, namespace);
  const traffic = await openTraffic(namespace, watch.pods, () => ({ bad: 0, slow: 0 }));
  const controller = await openController(kubeconfig, folder);
  return {
    prometheus: traffic.address,
    object: (name) => watch.get(`argoproj.io/v1alpha1/rollouts/${name}`),
    underWay: async (name) => {
      const { stable, current } = await watch.rollout(name);
      return stable !== current;
    },
    weights: async (name) => {
      const routes = itemsInside(await watch.get(`networking.istio.io/v1/virtualservices/${name}`), "spec", "http");
      const everybody = routes.find((one) => inside(one, "name") === "default");
      return itemsInside(everybody, "route").map((one) => inside(one, "weight") ?? 0);
    },
    versions: (name) => [
      ...new Set(watch.pods().flatMap(({ service, version }) => (service === name ? [version] : []))),
    ],
    close: async () => {
      await controller.stop();
      await traffic.stop();
      await watch.close();
    },
  };
}
