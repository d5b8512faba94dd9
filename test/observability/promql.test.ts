import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Faults } from "../../components/core/fault.ts";
import { metricRegistry } from "../../components/observability/metric.ts";
import {
  checkPromql,
  globMatcher,
  literalPattern,
  parsePromql,
  promqlDuration,
  selector,
} from "../../components/observability/promql.ts";

describe("PromQL text", () => {
  test("a selector with any label value is PromQL, and reads the same series", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (value) => {
        expect(parsePromql(`sum(rate(${selector("up", [["job", "=", value]])}[5m]))`)).toEqual({
          readings: [{ metric: "up", labels: ["job"] }],
        });
      }),
    );
  });

  test("a literal pattern matches its text and nothing else", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (text, other) => {
        const pattern = new RegExp(`^(?:${literalPattern(text)})$`, "s");
        expect(pattern.test(text)).toBe(true);
        expect(pattern.test(other)).toBe(other === text);
      }),
    );
  });

  test("a star in a glob stands for anything", () => {
    expect(globMatcher("http_route", "/a.b/*")).toEqual(["http_route", "=~", "/a\\.b/.*"]);
    expect(globMatcher("http_route", "/a.b")).toEqual(["http_route", "=", "/a.b"]);
  });

  test.each([
    [30, "30s"],
    [300, "5m"],
    [3600, "1h"],
    [60_480, "16h48m"],
    [30 * 86_400, "30d"],
  ])("%d seconds are %s", (seconds, text) => {
    expect(promqlDuration(seconds)).toBe(text);
  });
});

describe("the check of an expression", () => {
  const found = (expression: string) => {
    const faults = new Faults("order");
    checkPromql(faults, "expr", expression, metricRegistry());
    return faults.found.map(({ problem, remedy }) => `${problem}; ${remedy}`).join("\n");
  };

  test("passes what components expose", () => {
    expect(found('sum(rate(http_server_request_duration_seconds_bucket{le="1",http_route="/"}[5m]))')).toBe("");
  });

  test("names the place where it breaks", () => {
    expect(found("sum(rate(up[5m])")).toContain("no PromQL at its end");
    expect(found('sum(rate(up{job="a}"}[5m]) by')).toContain("no PromQL");
    expect(found("sum by job) (up)")).toContain("no PromQL at job");
  });

  test("names the nearest metric and label", () => {
    expect(found("go_gorutines > 100")).toContain('did you mean "go_goroutines"?');
    expect(found('http_requests_total{metod="GET"}')).toContain('did you mean "method"?');
  });

  test("is not fooled by names inside of strings", () => {
    expect(found('up{job="not_a_metric{x=1}"}')).toBe("");
  });
});
