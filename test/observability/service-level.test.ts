import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { sentence } from "../../components/core/fault.ts";
import {
  ruleFile,
  type ServiceLevelProps,
  serviceLevel,
  serviceObjectives,
} from "../../components/observability/index.ts";
import { parsePromql } from "../../components/observability/promql.ts";
import { serviceLevelRules } from "../../components/observability/service-level.ts";
import type { AlertRule, RecordingRule, Rule } from "../../components/observability/slo/rule.ts";
import { faultsOf } from "../core/faults-of.ts";
import { EVERY_KIND, OWN_METRICS, order } from "./order.ts";

const everything = order({ objectives: EVERY_KIND, metrics: OWN_METRICS, partOf: "shop" });

function rules(props: ServiceLevelProps): readonly Rule[] {
  return serviceLevelRules(props).groups.flatMap((group) => group.rules);
}

const alerts = (props: ServiceLevelProps) => rules(props).filter((rule): rule is AlertRule => "alert" in rule);
const records = (props: ServiceLevelProps) => rules(props).filter((rule): rule is RecordingRule => "record" in rule);
const expression = (props: ServiceLevelProps, name: string) =>
  records(props).find(({ record }) => record === name)?.expr ?? "";
const sentences = (props: object) => faultsOf(() => serviceLevel(props as ServiceLevelProps)).map(sentence);

describe("a service level", () => {
  test("is one PrometheusRule beside its service", () => {
    const { rules } = serviceLevel(order({ partOf: "shop" }));
    expect(rules).toMatchObject({
      apiVersion: "monitoring.coreos.com/v1",
      kind: "PrometheusRule",
      metadata: { name: "order-slo", namespace: "shop", labels: { "fairlead.dev/owner": "checkout" } },
    });
  });

  test("gives the same bytes for the same props", () => {
    expect(ruleFile(everything)).toBe(ruleFile(structuredClone(everything)));
  });

  test("is the same in a file for a Prometheus without operator", () => {
    expect(parse(ruleFile(everything))).toEqual({ groups: serviceLevel(everything).rules.spec.groups });
  });

  test("records names no twice for one objective", () => {
    const names = records(everything).map(({ record, labels }) => `${labels["slo"]} ${record}`);
    expect(new Set(names).size).toBe(names.length);
  });

  test("has expressions that are PromQL, of each kind of objective", () => {
    for (const { expr } of rules(everything)) expect(parsePromql(expr)).toHaveProperty("readings");
  });

  test("names every alert's owner, severity and rung, and an existing runbook", () => {
    const runbooks = readdirSync(new URL("../../docs/runbooks", import.meta.url));
    for (const { labels, annotations } of alerts(everything)) {
      const { actions, ...others } = labels;
      expect(Object.keys(others).sort()).toEqual(["namespace", "owner", "rung", "service", "severity", "slo"]);
      // More pods help slow requests, and nobody is helped before he is paged.
      const slow = ["order-latency", "order-method", "order-queue"].includes(labels["slo"] ?? "");
      const page = slow ? "diagnose,scale" : "diagnose";
      expect(actions).toBe(labels["severity"] === "page" ? page : undefined);
      expect(Object.keys(annotations).sort()).toEqual(["description", "runbook_url", "summary"]);
      expect(runbooks).toContain(annotations["runbook_url"]?.split("/").at(-1));
    }
  });

  test("links runbooks where they are served from", () => {
    const [alert] = alerts(order({ runbooks: "https://runbooks.example.com" }));
    expect(alert?.annotations["runbook_url"]).toBe("https://runbooks.example.com/slo-burn-rate.md");
  });

  test("waits for nothing once an error budget burns", () => {
    for (const rule of alerts(everything)) if (rule.alert === "SloBurnRate") expect(rule.for).toBeUndefined();
  });
});

describe("what an objective counts", () => {
  test("HTTP requests that end in 5xx are bad", () => {
    expect(expression(order(), "slo:bad:rate5m")).toContain('http_response_status_code=~"5.."');
  });

  test("a route with a star is a pattern, with everything else literal", () => {
    const props = order({ objectives: { a: { availability: 99, route: "/v1.0/*" } } });
    expect(expression(props, "slo:total:rate5m")).toContain(String.raw`http_route=~"/v1\\.0/.*"`);
  });

  test("a gRPC method is its service and its name for Prometheus' middleware", () => {
    const objectives = { a: { availability: 99, method: "shop.v1.Orders/Create" } };
    const total = expression(order({ objectives, instrumentation: "prometheus" }), "slo:total:rate5m");
    expect(total).toContain('grpc_server_handled_total{grpc_method="Create",grpc_service="shop.v1.Orders"');
  });

  test("a latency target is a bucket; a whole second in both spellings", () => {
    const objectives = { a: { latency: { percentile: 99, under: "1s" } } };
    expect(expression(order({ objectives }), "slo:bad:rate5m")).toContain('le=~"1|1[.]0"');
  });

  test("requests that failed are neither fast nor slow", () => {
    const objectives = { a: { latency: { percentile: 99, under: "750ms" } } };
    expect(expression(order({ objectives }), "slo:total:rate5m")).toContain('http_response_status_code!~"5.."');
  });

  test("a service is selected by job and namespace, or as it says", () => {
    expect(expression(order(), "slo:total:rate5m")).toContain('{job="order",namespace="shop"}');
    const props = order({ selector: { container: "order" } });
    expect(expression(props, "slo:total:rate5m")).toContain('{container="order"}');
  });

  test("long windows read the recorded sums and never the raw counters", () => {
    for (const { record, expr } of records(order())) {
      if (/rate(2h|6h|1d|3d)|period|remaining/.test(record)) expect(expr).not.toContain("http_server");
    }
  });
});

describe("rungs", () => {
  const labels = (props: ServiceLevelProps) => alerts(props).map((rule) => rule.labels["rung"]);

  test("are four, and one for missing data", () => {
    expect(labels(order()).sort()).toEqual(["absent-data", "page-fast", "page-slow", "ticket-fast", "ticket-slow"]);
  });

  test("can be switched off one by one, for the service and for one objective", () => {
    const off = { ticketSlow: false, absence: false } as const;
    expect(labels(order({ alerts: off }))).toEqual(["page-fast", "page-slow", "ticket-fast"]);
    const objectives = { availability: { availability: 99.9, alerts: { pageSlow: false } } } as const;
    expect(labels(order({ alerts: off, objectives }))).toEqual(["page-fast", "ticket-fast"]);
  });

  test("record no window that nobody asks for", () => {
    const props = order({ alerts: { ticketSlow: false, ticketFast: false } });
    expect(expression(props, "slo:bad_ratio:rate3d")).toBe("");
    expect(expression(props, "slo:bad_ratio:rate6h")).not.toBe("");
  });

  test("can be changed without a fork", () => {
    const props = order({ alerts: { pageFast: { burnRate: 10, long: "2h", severity: "ticket" } } });
    const rule = alerts(props).find((one) => one.labels["rung"] === "page-fast");
    expect(rule?.expr).toContain('slo:bad_ratio:rate2h{namespace="shop",slo="order-availability"} > 0.01 ');
    expect(rule?.labels["severity"]).toBe("ticket");
  });

  test("scale with the period, but never below an hour and five minutes", () => {
    const windows = (period: string) =>
      serviceObjectives(order({ period }))[0]?.rungs.map(({ long, short }) => [long / 3600, short / 60]);
    expect(windows("30d")).toEqual([
      [1, 5],
      [6, 30],
      [24, 120],
      [72, 360],
    ]);
    expect(windows("90d")).toEqual([
      [3, 15],
      [18, 90],
      [72, 360],
      [216, 1080],
    ]);
    expect(windows("7d")).toEqual([
      [1, 5],
      [1.4, 7],
      [5.6, 28],
      [16.8, 84],
    ]);
  });

  test("read raw counters where they must be exact: the fastest rung of a long period too", () => {
    expect(expression(order({ period: "90d" }), "slo:bad_ratio:rate3h")).toContain("http_server");
  });

  test("that could never fire are refused", () => {
    expect(sentences(order({ objectives: { availability: { availability: 93 } } }))).toEqual([
      "order: objectives.availability.availability is 93, but the rung pageFast fires at 14.4 times the budget, which is 100.8 % of all events and can never be exceeded; raise it above 93.06, or write alerts: { pageFast: false }",
    ]);
    const objectives = { availability: { availability: 93, alerts: { pageFast: false } } } as const;
    expect(sentences(order({ objectives }))).toEqual([]);
    expect(sentences(order({ objectives: { availability: { availability: 93.06 } } }))).toEqual([]);
  });

  test("that fire while the objective is met are refused", () => {
    expect(sentences(order({ alerts: { ticketSlow: { burnRate: 0.5 } } })).join()).toContain("use 1 or more");
  });
});

describe("what is refused", () => {
  test.each<[string, object, string]>([
    ["no bucket", { objectives: { a: { latency: { percentile: 99, under: "800ms" } } } }, 'use "750ms" or "1s"'],
    [
      "a bucket of its own",
      { buckets: [0.1, 0.8], objectives: { a: { latency: { percentile: 99, under: "750ms" } } } },
      'use "100ms" or "800ms"',
    ],
    [
      "two promises in one",
      { objectives: { a: { availability: 99, latency: { percentile: 99, under: "1s" } } } },
      "exactly one thing",
    ],
    ["no promise", { objectives: { a: {} } }, "exactly one thing"],
    ["no objective", { objectives: {} }, "promises nothing"],
    ["100 percent", { objectives: { a: { availability: 100 } } }, "leave no budget"],
    [
      "an unknown metric",
      {
        objectives: { a: { custom: { percent: 99, total: { metric: "http_request_total" }, bad: { metric: "up" } } } },
      },
      'did you mean "http_requests_total"?',
    ],
    [
      "an unknown label",
      {
        objectives: {
          a: {
            custom: {
              percent: 99,
              total: { metric: "http_requests_total" },
              bad: { metric: "http_requests_total", where: { statsu: "500" } },
            },
          },
        },
      },
      'did you mean "status"?',
    ],
    [
      "a gauge as counter",
      { objectives: { a: { custom: { percent: 99, total: { metric: "up" }, good: { metric: "up" } } } } },
      "counts no events",
    ],
    [
      "a histogram that is none",
      { objectives: { a: { latency: { percentile: 99, under: "1s", metric: "go_goroutines" } } } },
      "no histogram",
    ],
    [
      "a misspelt histogram",
      {
        objectives: { a: { latency: { percentile: 99, under: "1s", metric: "http_server_request_duration_second" } } },
      },
      'did you mean "http_server_request_duration_seconds"?',
    ],
    [
      "a route of gRPC",
      { objectives: { a: { availability: 99, route: "/a", protocol: "grpc" } } },
      "gRPC calls have no route",
    ],
    [
      "a route of a metric without routes",
      { instrumentation: "prometheus", objectives: { a: { availability: 99, route: "/a" } } },
      "http_requests_total has no such label",
    ],
    [
      "freshness told twice",
      { objectives: { a: { freshness: { percent: 99, under: "1m", age: "up", timestamp: "up" } } } },
      "exactly one way",
    ],
    ["a period of an hour", { period: "1h" }, "a day at least"],
    ["a misspelt property", { objective: {} }, 'did you mean "objectives"?'],
    ["a name that no label bears", { objectives: { "A b": { availability: 99 } } }, "lower-case letters"],
    ["a window beyond the period", { period: "1d", alerts: { ticketSlow: { long: "2d" } } }, "the period at most"],
  ])("%s", (_, rest, said) => {
    const found = sentences({ ...order(), ...rest });
    expect(found.join("\n")).toContain(said);
  });

  test("all faults at once", () => {
    const objectives = { a: { availability: 93 }, b: { latency: { percentile: 99, under: "800ms" } }, c: {} };
    expect(sentences(order({ objectives }))).toHaveLength(3);
  });
});

test("the rules of a service do not grow with the number of services beside it", () => {
  const objectives = { availability: { availability: 99.9 }, latency: { latency: { percentile: 99, under: "750ms" } } };
  const size = (index: number) =>
    (serviceLevel(order({ name: `order-${index}`, objectives })).rules.spec?.groups ?? []).flatMap(
      ({ rules }) => rules ?? [],
    ).length;
  expect(size(0)).toBeGreaterThan(0);
  expect(new Set(Array.from({ length: 200 }, (_, index) => size(index)))).toEqual(new Set([size(0)]));
});
