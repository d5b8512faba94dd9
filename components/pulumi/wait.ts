import type { KubernetesObject, Objects } from "../core/object.ts";
import { inside } from "../core/plain.ts";

/** Kinds whose pods the engine waits for. */
const WAITED = ["Deployment", "StatefulSet", "DaemonSet"];

function isRollout({ apiVersion, kind }: KubernetesObject): boolean {
  return apiVersion.startsWith("argoproj.io/") && kind === "Rollout";
}

/**
 * Services of a component that the engine need not wait for, because it waits for their pods anyway, or must not: by its own account a
 * Service is ready ten seconds after its pods are. A few of them, waiting, would also hold the places that the workloads
 * need, so that many services would wait for each other until the engine gives up.
 */
export function readyWithPods(objects: Objects): ReadonlySet<KubernetesObject> {
  const all = Object.values(objects);
  const pods = all.flatMap((one) => {
    const { namespace } = one.metadata;
    const labels = labelsAt(one, "spec", "template", "metadata", "labels");
    if (one.apiVersion === "apps/v1" && WAITED.includes(one.kind)) return [{ namespace, labels }];
    // A Rollout's pods are made by its own controller, which may come later than the engine can wait.
    return isRollout(one)
      ? [{ namespace, labels: { ...labels, ...labelsAt(one, "spec", "selector", "matchLabels") } }]
      : [];
  });
  return new Set(
    all.filter((one) => {
      if (one.apiVersion !== "v1" || one.kind !== "Service" || isBalanced(one)) return false;
      const selector = Object.entries(labelsAt(one, "spec", "selector"));
      const ours = pods.filter(({ namespace }) => namespace === one.metadata.namespace);
      return selector.length > 0 && ours.some(({ labels }) => selector.every(([key, value]) => labels[key] === value));
    }),
  );
}

/** An address from outside takes its time, whatever the pods do. */
function isBalanced(service: KubernetesObject): boolean {
  return inside(service, "spec", "type") === "LoadBalancer";
}

function labelsAt(object: KubernetesObject, ...path: readonly string[]): Readonly<Record<string, unknown>> {
  const labels = inside(object, ...path);
  return typeof labels === "object" && labels !== null ? (labels as Record<string, unknown>) : {};
}
