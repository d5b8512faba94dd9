import { describe, expect, test } from "vitest";
import { analysisMetric, growthMetric, isLatency, serviceObjectives } from "../../../components/observability/index.ts";
import { parsePromql } from "../../../components/observability/promql.ts";
import { EVERY_KIND, OWN_METRICS, order } from "../order.ts";

const objectives = serviceObjectives(order({ objectives: EVERY_KIND, metrics: OWN_METRICS }));
const options = {
  address: "http://prometheus:9090",
  canary: [["pod", "=~", "order-b-.*"]],
  stable: [["pod", "=~", "order-a-.*"]],
} as const;

describe("a canary against the old version", () => {
  test("every question is PromQL, and none reads both versions as one", () => {
    const metrics = objectives.flatMap((objective) => [
      analysisMetric(objective, { ...options, timesWorse: 2 }),
      growthMetric(objective, { ...options, growth: 300 }),
    ]);
    const queries = metrics.flatMap((metric) => (metric === undefined ? [] : [metric.provider.prometheus.query]));
    expect(queries.length).toBeGreaterThan(objectives.length / 2);
    for (const query of queries) {
      const parsed = parsePromql(query);
      expect(parsed).toHaveProperty("readings");
      if ("readings" in parsed) for (const { labels } of parsed.readings) expect(labels).toContain("pod");
    }
  });

  test("growth is asked of latencies alone, and four times is 300 percent", () => {
    for (const objective of objectives) {
      const metric = growthMetric(objective, { ...options, growth: 300 });
      expect(metric !== undefined).toBe(isLatency(objective));
      if (metric !== undefined) expect(metric.failureCondition).toBe("len(result) > 0 && result[0] > 4");
    }
  });

  test("without the old version's series only the threshold counts", () => {
    const [objective] = objectives;
    if (objective === undefined) throw new Error("no objective");
    const { canary, address } = options;
    expect(analysisMetric(objective, { address, canary })?.provider.prometheus.query).not.toContain("order-a");
  });
});
