import { describe, expect, test } from "vitest";
import {
  analysisMetric,
  budgetQuery,
  budgetStep,
  ERROR_BUDGET_POLICY,
  loadTestThresholds,
  serviceObjectives,
  sloInhibitions,
} from "../../../components/observability/index.ts";
import { metricRegistry } from "../../../components/observability/metric.ts";
import { parsePromql } from "../../../components/observability/promql.ts";
import { EVERY_KIND, OWN_METRICS, order } from "../order.ts";

const objectives = serviceObjectives(order({ objectives: EVERY_KIND, metrics: OWN_METRICS }));
const address = "http://prometheus.monitoring:9090";

describe("a canary's analysis", () => {
  const analysis = (name: string, options = {}) => {
    const objective = objectives.find((one) => one.name === name);
    return objective === undefined ? undefined : analysisMetric(objective, { address, ...options });
  };

  test("fails where a page would come", () => {
    expect(analysis("availability")).toMatchObject({
      successCondition: "len(result) > 0 && result[0] <= 0.0144",
      failureCondition: "len(result) > 0 && result[0] > 0.0144",
    });
    expect(analysis("availability", { rung: "pageSlow" })?.failureCondition).toContain("> 0.006");
  });

  test("asks about the canary's pods only", () => {
    const canary = [["pod", "=~", "order-{{args.hash}}-.*"]] as const;
    const query = analysis("availability", { canary })?.provider.prometheus.query ?? "";
    const selectors = query.match(/\{job[^[]*\}\[|\{http[^[]*\}\[/g) ?? [];
    expect(selectors.length).toBeGreaterThan(2);
    for (const selector of selectors) expect(selector).toContain("{{args.hash}}");
  });

  test("is PromQL for every kind that counts events, and absent for a state", () => {
    for (const objective of objectives) {
      const query = analysis(objective.name)?.provider.prometheus.query;
      if (objective.indicator.kind === "state") expect(query).toBeUndefined();
      else expect(parsePromql(query ?? "")).toHaveProperty("readings");
    }
  });
});

describe("a load test", () => {
  test("holds the objective itself", () => {
    const plain = serviceObjectives(
      order({ objectives: { a: { availability: 99.9 }, l: { latency: { percentile: 99, under: "750ms" } } } }),
    );
    expect(loadTestThresholds(plain)).toEqual({
      http_req_failed: ["rate<=0.001"],
      "http_req_duration{expected_response:true}": ["p(99)<=750"],
    });
  });

  test("tells routes and methods apart by a tag", () => {
    expect(Object.keys(loadTestThresholds(objectives))).toEqual(
      expect.arrayContaining(["http_req_failed{order-route:yes}", "grpc_req_duration{order-method:yes}"]),
    );
  });
});

test("a load test measures no histogram of the service's own", () => {
  expect(loadTestThresholds(objectives.filter(({ name }) => name === "queue"))).toEqual({});
});

describe("inhibition", () => {
  test("silences every slower rung of the same objective, and no other", () => {
    for (const { source, target, equal } of sloInhibitions()) {
      const rung = source.find(({ name }) => name === "rung")?.value ?? "";
      const slower = target.find(({ name }) => name === "rung")?.value ?? "";
      expect(new RegExp(`^(${slower})$`).test(rung)).toBe(false);
      expect(equal).toEqual(["namespace", "slo"]);
    }
    expect(sloInhibitions()).toHaveLength(3);
  });

  test("names rungs that exist", () => {
    const labels = objectives.flatMap(({ rungs }) => rungs.map(({ label }) => label));
    const named = sloInhibitions().flatMap(({ source, target }) =>
      [...source, ...target].filter(({ name }) => name === "rung").flatMap(({ value }) => value.split("|")),
    );
    for (const label of named) expect(labels).toContain(label);
  });
});

describe("the error-budget policy", () => {
  test.each([
    [1, "everything"],
    [0.5, "everything"],
    [0.2, "carefully"],
    [0, "fixes"],
    [-3, "fixes"],
  ])("with %d left releases %s", (remaining, releases) => {
    expect(budgetStep(remaining).releases).toBe(releases);
  });

  test("descends", () => {
    const bounds = ERROR_BUDGET_POLICY.map(({ above }) => above);
    expect([...bounds].sort((a, b) => b - a)).toEqual(bounds);
  });

  test("asks for a series that the rules record", () => {
    for (const objective of objectives) {
      const parsed = parsePromql(budgetQuery(objective));
      const [reading] = "readings" in parsed ? parsed.readings : [];
      expect(metricRegistry().series(reading?.metric ?? "")).toBeDefined();
    }
  });
});
