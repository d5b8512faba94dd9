import * as z from "zod";
import type { Faults } from "../core/fault.ts";
import type { PodDisruptionBudget } from "../core/kind.ts";
import type { Metadata } from "../core/object.ts";
import { checked, maybe, strict, whole } from "../core/shape.ts";

/** How many pods a drain may take at once. Give one of the two. */
export interface Disruption {
  /** A count or a share such as "25%". @default 1 */
  readonly maxUnavailable?: number | string;
  /** A count or a share that must stay; below the fewest pods there are, or no node could be drained. */
  readonly minAvailable?: number | string;
}

const share = z.union([
  whole(0),
  checked(z.string(), (text) =>
    /^(100|[1-9]?\d)%$/.test(text)
      ? undefined
      : ["but it is neither a count nor a share", 'use for example 1 or "25%"'],
  ),
]);

export const disruptionShape = strict<Disruption>({ maxUnavailable: maybe(share), minAvailable: maybe(share) });

/** Pods that a share or count means, of `pods` in all. Kubernetes rounds both up. */
export function podCount(share: number | string, pods: number): number {
  return typeof share === "number" ? share : Math.ceil((Number(share.slice(0, -1)) / 100) * pods);
}

/** The fewest pods of which a drain may take one; undefined where it never may. */
function podsToSpare(minAvailable: number | string): number | undefined {
  if (typeof minAvailable === "number") return minAvailable + 1;
  // At 99 % one pod in a hundred is to spare.
  return Array.from({ length: 100 }, (_, index) => index + 1).find((pods) => podCount(minAvailable, pods) < pods);
}

/** Notes a budget that would block every drain with the fewest pods there may be. */
export function checkDisruption(
  faults: Faults,
  disruption: Disruption | undefined,
  fewest: { readonly path: string; readonly pods: number },
): void {
  const { maxUnavailable, minAvailable } = disruption ?? {};
  if (maxUnavailable !== undefined && minAvailable !== undefined) {
    faults.add(
      "disruption",
      disruption,
      "but only one of maxUnavailable and minAvailable may be given",
      "leave one out",
    );
  }
  if (maxUnavailable !== undefined && podCount(maxUnavailable, fewest.pods) < 1) {
    faults.add("disruption.maxUnavailable", maxUnavailable, "so no node could ever be drained", "use 1 or more");
  }
  if (minAvailable !== undefined && podCount(minAvailable, fewest.pods) >= fewest.pods) {
    const enough = podsToSpare(minAvailable);
    faults.add(
      fewest.path,
      fewest.pods,
      `but disruption.minAvailable is ${minAvailable}, so no node could ever be drained`,
      `${enough === undefined ? "" : `raise ${fewest.path} to ${enough} or `}use maxUnavailable: 1`,
    );
  }
}

/** A budget that a drain can always satisfy, sooner or later. */
export function disruptionBudget(
  metadata: Metadata,
  selector: Readonly<Record<string, string>>,
  disruption: Disruption = {},
): PodDisruptionBudget {
  return {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata,
    spec: {
      ...(disruption.minAvailable === undefined
        ? { maxUnavailable: disruption.maxUnavailable ?? 1 }
        : { minAvailable: disruption.minAvailable }),
      selector: { matchLabels: selector },
      // A pod that is broken anyway must not hold up a drain.
      unhealthyPodEvictionPolicy: "AlwaysAllow",
    },
  };
}
