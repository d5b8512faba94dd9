import * as z from "zod";
import { constant } from "../core/constant.ts";
import type { Faults } from "../core/fault.ts";
import type { Deployment, HorizontalPodAutoscaler } from "../core/kind.ts";
import type { Metadata } from "../core/object.ts";
import type { Quantity } from "../core/quantity.ts";
import { checked, maybe, quantity, strict, whole } from "../core/shape.ts";

/** How many pods, decided by load. */
export interface Scale {
  /** Fewest pods. */
  readonly min: number;
  /** Most pods. */
  readonly max: number;
  /** Target CPU use in percent of the request; false: CPU does not decide. @default 70 */
  readonly cpu?: number | false;
  /** Target memory use in percent of the request. @default memory does not decide: Go gives it back late */
  readonly memory?: number;
  /** A metric of the pods, such as requests per second each. */
  readonly metrics?: readonly PodMetric[];
  /** How long the least demand of the past counts before pods are taken away. In seconds. @default 300 */
  readonly scaleDownWindow?: number;
}

/** A metric that the custom metrics API serves for each pod. */
export interface PodMetric {
  readonly name: string;
  /** Wanted average over the pods. */
  readonly average: Quantity;
}

const percent = checked(whole(1), (value) =>
  value > 1000 ? ["but it is a share in percent", "use for example 70"] : undefined,
);

export const scaleShape = strict<Scale>({
  min: whole(1),
  max: whole(1),
  cpu: maybe(z.union([percent, z.literal(false)])) as z.ZodType<number | false>,
  memory: maybe(percent),
  metrics: maybe(z.array(strict<PodMetric>({ name: z.string().min(1), average: quantity }))),
  scaleDownWindow: maybe(
    checked(whole(0), (value) =>
      value > 3600 ? ["but Kubernetes looks back one hour at most", "use 3600 or less"] : undefined,
    ),
  ),
});

/** Notes a scale that could never scale. */
export function checkScale(faults: Faults, scale: Scale | undefined): void {
  if (scale === undefined) return;
  if (scale.min > scale.max) {
    faults.add("scale.min", scale.min, `but scale.max is ${scale.max}`, "use a min that is not above max");
  }
  if (scale.cpu === false && scale.memory === undefined && (scale.metrics ?? []).length === 0) {
    faults.add(
      "scale.cpu",
      false,
      "so nothing decides how many pods there are",
      "leave it out for 70 percent, or name another metric",
    );
  }
}

/** Scales fast when load comes and slowly when it goes, so that a burst that returns meets pods that are still there. */
export function autoscaler(
  metadata: Metadata,
  workload: Pick<Deployment, "apiVersion" | "kind" | "metadata">,
  scale: Scale,
): HorizontalPodAutoscaler {
  return {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata,
    spec: {
      scaleTargetRef: { apiVersion: workload.apiVersion, kind: workload.kind, name: workload.metadata.name },
      minReplicas: scale.min,
      maxReplicas: scale.max,
      metrics: [
        ...(scale.cpu === false ? [] : [scale.cpu === undefined ? CPU : utilisation("cpu", scale.cpu)]),
        ...(scale.memory === undefined ? [] : [utilisation("memory", scale.memory)]),
        ...(scale.metrics ?? []).map((metric) => ({
          type: "Pods" as const,
          pods: {
            metric: { name: metric.name },
            target: { type: "AverageValue" as const, averageValue: metric.average },
          },
        })),
      ],
      behavior: scale.scaleDownWindow === undefined ? BEHAVIOR : behavior(scale.scaleDownWindow),
    },
  };
}

function utilisation(name: string, averageUtilization: number) {
  return { type: "Resource", resource: { name, target: { type: "Utilization", averageUtilization } } } as const;
}

const CPU = constant(utilisation("cpu", 70));

/** @param window Seconds that are looked back on before pods are taken away. */
function behavior(window: number) {
  return {
    scaleUp: fastUp(4),
    scaleDown: {
      stabilizationWindowSeconds: window,
      selectPolicy: "Max",
      policies: [{ type: "Percent", value: 10, periodSeconds: 60 }],
    },
  };
}

const BEHAVIOR = constant(behavior(300));

/** Up at once: every 15 s twice the pods, or so many more where that is more. */
export function fastUp(pods: number) {
  return {
    stabilizationWindowSeconds: 0,
    selectPolicy: "Max",
    policies: [
      { type: "Percent", value: 100, periodSeconds: 15 },
      { type: "Pods", value: pods, periodSeconds: 15 },
    ],
  } as const;
}
