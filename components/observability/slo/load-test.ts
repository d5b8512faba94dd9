import type { Objective } from "./objective.ts";
import { tidy } from "./rung.ts";

/** Thresholds of a k6 script, as its options have them: https://grafana.com/docs/k6/latest/using-k6/thresholds/ */
export type LoadTestThresholds = Readonly<Record<string, readonly string[]>>;

/**
 * What a load test must hold: the objective itself, not the alert's multiple of it. Objectives of one route or method
 * are about requests that the script tags with the objective's id: `"order-checkout": "yes"`. A request may count for
 * several of them. Freshness and own counters are not k6's to measure.
 *
 * k6 counts 4xx as failed where a script does not say otherwise, and we do not: such a script calls
 * `http.setResponseCallback(http.expectedStatuses({ min: 200, max: 499 }))`. Of gRPC it knows no failures, so the script
 * checks the status of each call. `loadTestScript` writes a script that does all of that.
 */
export function loadTestThresholds(objectives: readonly Objective[]): LoadTestThresholds {
  const thresholds: Record<string, string[]> = {};
  for (const objective of objectives) {
    const found = thresholdOf(objective);
    if (found === undefined) continue;
    const [metric, condition] = found;
    const conditions = thresholds[metric];
    if (conditions === undefined) thresholds[metric] = [condition];
    else conditions.push(condition);
  }
  return thresholds;
}

/** What k6 measures an objective by, and what must hold; undefined where it is not about requests. */
export function thresholdOf(objective: Objective): readonly [metric: string, condition: string] | undefined {
  const { protocol, bound, budget, target } = objective;
  if (protocol === undefined) return undefined;
  const narrow = objective.route === undefined && objective.method === undefined ? [] : [`${objective.id}:yes`];
  const tagged = (metric: string, ...tags: readonly string[]) =>
    tags.length === 0 ? metric : `${metric}{${tags.join(",")}}`;
  if (bound !== undefined) {
    const condition = `p(${tidy(target * 100)})<=${tidy(bound * 1000)}`;
    return protocol === "http"
      ? [tagged("http_req_duration", "expected_response:true", ...narrow), condition]
      : [tagged("grpc_req_duration", ...narrow), condition];
  }
  return protocol === "http"
    ? [tagged("http_req_failed", ...narrow), `rate<=${budget}`]
    : [tagged("checks", ...narrow), `rate>=${target}`];
}
