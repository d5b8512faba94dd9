import { groupOf, type KubernetesObject } from "../core/object.ts";
import type { KindOfGroup } from "./app-project.ts";

/**
 * Kinds in namespaces that a component may be made of. A project allows them even while nobody has an object of one: Argo CD
 * deletes nothing that the project forbids, so that the last CronJob of a team could never be pruned, and the last disk
 * would not wait for a confirmation. What makes rights, quotas or secrets is not among them.
 */
const COMPONENT_KINDS: Readonly<Record<string, readonly string[]>> = {
  "": ["ConfigMap", "PersistentVolumeClaim", "Service", "ServiceAccount"],
  apps: ["Deployment", "StatefulSet"],
  "argoproj.io": ["AnalysisTemplate", "Rollout"],
  autoscaling: ["HorizontalPodAutoscaler"],
  batch: ["CronJob", "Job"],
  "cert-manager.io": ["Certificate"],
  "external-secrets.io": ["ExternalSecret"],
  "gateway.networking.k8s.io": ["GRPCRoute", "HTTPRoute"],
  "keda.sh": ["ScaledObject"],
  "monitoring.coreos.com": ["PodMonitor", "PrometheusRule", "ServiceMonitor"],
  "networking.istio.io": ["DestinationRule", "ServiceEntry", "Sidecar", "VirtualService"],
  "networking.k8s.io": ["Ingress", "NetworkPolicy"],
  policy: ["PodDisruptionBudget"],
  "security.istio.io": ["AuthorizationPolicy"],
};

/** What a team's project allows inside of namespaces: what any component may have, and what its own have besides. */
export function namespacedKinds(objects: readonly KubernetesObject[]): readonly KindOfGroup[] {
  const common = Object.entries(COMPONENT_KINDS).flatMap(([group, kinds]) => kinds.map((kind) => ({ group, kind })));
  return sorted([...common, ...objects.map(kindOf)]);
}

/** What it allows outside of namespaces: what its components have, and nothing else. */
export function clusterKinds(objects: readonly KubernetesObject[]): readonly KindOfGroup[] {
  return sorted(objects.map(kindOf));
}

function kindOf({ apiVersion, kind }: KubernetesObject): KindOfGroup {
  return { group: groupOf(apiVersion), kind };
}

function sorted(kinds: readonly KindOfGroup[]): readonly KindOfGroup[] {
  const unique = new Map(kinds.map((one) => [`${one.group}/${one.kind}`, one]));
  return [...unique].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}
