import type { Fault } from "../fault.ts";
import { identity } from "../object.ts";
import { selected, type View } from "./view.ts";

/** A drain must be able to take at least one pod, with the fewest pods that there may be. */
export function* budgetsAllowDrains(view: View): Generator<Fault> {
  const fewestByTarget = new Map(view.autoscalers.map(({ target, fewest }) => [target, fewest]));
  for (const { component, role, object } of view.disruptionBudgets) {
    const labels = object.spec?.selector?.matchLabels;
    if (labels === undefined) continue;
    const pods = selected(view, object.metadata.namespace, labels).reduce(
      (sum, one) => sum + (fewestByTarget.get(identity(one.object)) ?? one.replicas ?? 1),
      0,
    );
    const allowed = allowedDisruptions(object.spec?.maxUnavailable, object.spec?.minAvailable, pods);
    if (pods === 0 || allowed === undefined || allowed > 0) continue;
    yield {
      component,
      path: `${role}.${object.spec?.minAvailable === undefined ? "maxUnavailable" : "minAvailable"}`,
      value: object.spec?.minAvailable ?? object.spec?.maxUnavailable,
      problem: `but there may be as few as ${pods} pods, so no node could ever be drained`,
      remedy: "use maxUnavailable: 1, or run more pods",
    };
  }
}

function allowedDisruptions(maxUnavailable: unknown, minAvailable: unknown, pods: number): number | undefined {
  const count = (share: unknown) =>
    typeof share === "number"
      ? share
      : typeof share === "string" && share.endsWith("%")
        ? Math.ceil((Number.parseInt(share, 10) / 100) * pods)
        : undefined;
  const least = count(minAvailable);
  return least === undefined ? count(maxUnavailable) : pods - least;
}

/** An autoscaler scales something that exists, and nothing else says how many pods there are. */
export function* scaleTargetsExist(view: View): Generator<Fault> {
  const byIdentity = new Map(view.workloads.map((one) => [identity(one.object), one]));
  const scaled = new Map<string, string>();
  for (const { component, role, target: key } of view.autoscalers) {
    if (key === undefined) continue;
    const workload = byIdentity.get(key);
    if (workload === undefined) {
      yield {
        component,
        path: `${role}.scaleTargetRef`,
        value: key,
        problem: "but this environment has no such workload",
        remedy: "name a workload of the same namespace, and its kind",
      };
    } else if (workload.replicas !== undefined) {
      yield {
        component: workload.component,
        path: `${workload.role}.replicas`,
        value: workload.replicas,
        problem: `but ${component}.${role} scales it, and each apply would undo that`,
        remedy: "leave replicas out",
      };
    }
    const other = scaled.get(key);
    if (other !== undefined) {
      yield {
        component,
        path: `${role}.scaleTargetRef`,
        value: key,
        problem: `but ${other} scales it too`,
        remedy: "keep one autoscaler for each workload",
      };
    }
    scaled.set(key, `${component}.${role}`);
  }
}
