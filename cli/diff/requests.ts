import type { View, Workload } from "../../components/core/invariants/view.ts";
import { identity, type KubernetesObject } from "../../components/core/object.ts";
import { quantityValue } from "../../components/core/quantity.ts";
import { at, list, text } from "../value.ts";

/** CPU cores and bytes of memory. */
export interface Amount {
  readonly cpu: number;
  readonly memory: number;
}

/** What the pods of a workload ask for. */
export interface Requests extends Amount {
  readonly component: string;
  /** Kind and name. */
  readonly workload: string;
  /** Identity of the object. */
  readonly object: string;
  /** Fewest and most pods. */
  readonly least: number;
  readonly most: number;
  /** For each node of the cluster a pod, or pods while a job runs; these are counted apart. */
  readonly per: "pod" | "node" | "run";
}

/** Requests of every workload. CPU and memory are one pod's. */
export function requests(view: View): readonly Requests[] {
  const scales = scalesOf(view);
  const defaults = new Map(view.all.flatMap(({ object }) => namespaceDefaults(object)));
  const targets = new Map(view.workloads.map((one) => [targetKey(one.object), one]));
  const lent = new Set(view.all.flatMap(({ object }) => borrowed(object)));
  return view.all.flatMap((one): readonly Requests[] => {
    const { object, component } = one;
    const [lender] = borrowed(object);
    const own = targets.get(targetKey(object));
    const workload = lender === undefined ? own : targets.get(lender);
    // A Deployment that a Rollout takes its pods from runs none itself.
    if (workload === undefined || (lender === undefined && lent.has(targetKey(object)))) return [];
    const amount = podRequests(workload, defaults.get(object.metadata.namespace ?? ""));
    const [least, most] = podCount(object, scales.get(targetKey(object)));
    const per = object.kind === "DaemonSet" ? "node" : /Job$/.test(object.kind) ? "run" : "pod";
    const named = { component, workload: `${object.kind} ${object.metadata.name}`, object: identity(object) };
    return [{ ...named, ...amount, least, most, per }];
  });
}

/** Names an object as those that scale it do, in whatever version. */
function targetKey({ kind, metadata }: KubernetesObject): string {
  return `${metadata.namespace ?? ""}/${kind}/${metadata.name}`;
}

/** The Deployment that a Rollout takes its pods from. https://argoproj.github.io/argo-rollouts/migrating/ */
function borrowed(object: KubernetesObject): readonly string[] {
  const name = text(at(object, "spec", "workloadRef", "name"));
  if (object.kind !== "Rollout" || name === "") return [];
  return [`${object.metadata.namespace ?? ""}/${text(at(object, "spec", "workloadRef", "kind"))}/${name}`];
}

type Range = readonly [least: number, most: number];

/** What autoscalers may do, by their targets. KEDA's bounds are 0 and 100 where they are not said. https://keda.sh/docs/latest/reference/scaledobject-spec/ */
function scalesOf(view: View): ReadonlyMap<string, Range> {
  const scales = new Map<string, Range>();
  for (const { object } of view.all) {
    const target = at(object, "spec", "scaleTargetRef");
    if (target === undefined) continue;
    const key = `${object.metadata.namespace ?? ""}/${text(at(target, "kind")) || "Deployment"}/${text(at(target, "name"))}`;
    if (object.kind === "HorizontalPodAutoscaler") {
      scales.set(key, [count(at(object, "spec", "minReplicas"), 1), count(at(object, "spec", "maxReplicas"), 1)]);
    } else if (object.kind === "ScaledObject") {
      scales.set(key, [
        count(at(object, "spec", "minReplicaCount"), 0),
        count(at(object, "spec", "maxReplicaCount"), 100),
      ]);
    }
  }
  return scales;
}

function podCount(object: KubernetesObject, scale: Range | undefined): Range {
  if (scale !== undefined) return scale;
  const spec = at(object, "spec");
  if (object.kind === "DaemonSet") return [1, 1];
  if (object.kind === "CronJob") {
    const running = at(spec, "suspend") === true ? 0 : count(at(spec, "jobTemplate", "spec", "parallelism"), 1);
    return [running, running];
  }
  const fixed = count(at(spec, object.kind === "Job" ? "parallelism" : "replicas"), 1);
  return [fixed, fixed];
}

function count(value: unknown, otherwise: number): number {
  return typeof value === "number" ? value : otherwise;
}

/** What containers without requests get in a namespace. https://kubernetes.io/docs/concepts/policy/limit-range/ */
function namespaceDefaults(object: KubernetesObject): readonly (readonly [string, unknown])[] {
  if (object.kind !== "LimitRange" || object.apiVersion !== "v1") return [];
  const limits = list(at(object, "spec", "limits")).find((one) => at(one, "type") === "Container");
  return limits === undefined ? [] : [[object.metadata.namespace ?? "", at(limits, "defaultRequest")]];
}

/**
 * The most that a pod asks for at once: its containers and sidecars, or the init container that needs most with the
 * sidecars before it. https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers
 */
function podRequests({ template }: Workload, defaults: unknown): Amount {
  const of = (container: unknown): Amount => ({
    cpu: requested(container, "cpu", defaults),
    memory: requested(container, "memory", defaults),
  });
  let sidecars: Amount = { cpu: 0, memory: 0 };
  let starting: Amount = { cpu: 0, memory: 0 };
  for (const container of list(at(template, "spec", "initContainers"))) {
    const together = sum(sidecars, of(container));
    if (at(container, "restartPolicy") === "Always") sidecars = together;
    starting = { cpu: Math.max(starting.cpu, together.cpu), memory: Math.max(starting.memory, together.memory) };
  }
  const running = list(at(template, "spec", "containers"))
    .map(of)
    .reduce(sum, sidecars);
  return { cpu: Math.max(running.cpu, starting.cpu), memory: Math.max(running.memory, starting.memory) };
}

function requested(container: unknown, what: "cpu" | "memory", defaults: unknown): number {
  const said =
    at(container, "resources", "requests", what) ??
    at(container, "resources", "limits", what) ??
    at(defaults, what) ??
    0;
  return quantityValue(String(said)) ?? 0;
}

function sum(a: Amount, b: Amount): Amount {
  return { cpu: a.cpu + b.cpu, memory: a.memory + b.memory };
}
