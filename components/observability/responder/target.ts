import type { Deployment, HorizontalPodAutoscaler, PodDisruptionBudget } from "../../core/kind.ts";
import type { KubernetesObject, Objects } from "../../core/object.ts";
import { present } from "../../core/object.ts";

/** What the responder must know of a service, read from its objects. */
export interface Target {
  readonly kind: "Deployment" | "Rollout";
  readonly name: string;
  readonly selector: Readonly<Record<string, string>>;
  readonly autoscaler?: string;
  readonly disruptionBudget?: string;
  /** Ports of its containers by name. */
  readonly ports: Readonly<Record<string, number>>;
}

/** The first that there is: beside a Rollout a Deployment may stand that gives it its pods and runs none itself. */
const KINDS: readonly Target["kind"][] = ["Rollout", "Deployment"];

/** The workload of a service and what belongs to it; undefined where it runs no pods that could be scaled or replaced. */
export function targetOf(objects: Objects): Target | undefined {
  const all = Object.values(objects);
  const workloads = KINDS.flatMap((kind) => all.filter((one): one is Deployment => one.kind === kind));
  const [workload] = workloads;
  const selector = workload?.spec?.selector?.matchLabels;
  if (workload === undefined || selector === undefined) return undefined;
  const { name } = workload.metadata;
  return {
    kind: workload.kind as Target["kind"],
    name,
    // Selectors are plain data, never leaves.
    selector: selector as Readonly<Record<string, string>>,
    ...present({
      autoscaler: autoscalerOf(all, name),
      disruptionBudget: all.find(
        (one): one is PodDisruptionBudget =>
          one.kind === "PodDisruptionBudget" &&
          sameLabels((one as PodDisruptionBudget).spec?.selector?.matchLabels ?? {}, selector),
      )?.metadata.name,
    }),
    ports: Object.fromEntries(
      workloads.flatMap(({ spec }) =>
        (spec?.template?.spec?.containers ?? []).flatMap(({ ports = [] }) =>
          ports.map((port) => [String(port.name), Number(port.containerPort)]),
        ),
      ),
    ),
  };
}

/** The autoscaler by its name; KEDA's is called after the ScaledObject that makes it. */
function autoscalerOf(all: readonly KubernetesObject[], workload: string): string | undefined {
  const own = all.find(
    (one): one is HorizontalPodAutoscaler =>
      one.kind === "HorizontalPodAutoscaler" && (one as HorizontalPodAutoscaler).spec?.scaleTargetRef.name === workload,
  );
  const keda = all.find(({ kind }) => kind === "ScaledObject");
  return own?.metadata.name ?? (keda === undefined ? undefined : `keda-hpa-${keda.metadata.name}`);
}

function sameLabels(a: object, b: object): boolean {
  const text = (labels: object) => JSON.stringify(Object.entries(labels).sort(([x], [y]) => (x < y ? -1 : 1)));
  return text(a) === text(b);
}
