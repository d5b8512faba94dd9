import { type Matcher, selector } from "../promql.ts";
import type { Protocol } from "../slo/objective-props.ts";
import { requestSeries } from "../slo/request-series.ts";
import { percent } from "../slo/rung.ts";
import { type AlertFacts, type AlertRow, type Condition, growing, series, steady } from "./row.ts";

/** Failed requests in 10 minutes below which nobody is called; half an event absorbs extrapolation. */
const FAILURES = 2.5;

function errorRatio(facts: AlertFacts, protocol: Protocol, bound: number): Condition {
  const { total, failed } = requestSeries(protocol, facts.instrumentation);
  const [all, bad] = [selector(total, facts.matchers), selector(total, [...facts.matchers, failed])];
  const [label] = failed;
  const requests = (failures: number, rest: number) =>
    [
      [
        series(total, facts.matchers, { [label]: protocol === "http" ? "500" : failureOf(failed) }),
        growing(0, failures),
      ],
      [series(total, facts.matchers, { [label]: protocol === "http" ? "200" : "OK" }), growing(0, rest)],
    ] as const;
  const share = (ratio: number) => requests(10_000 * ratio, 10_000 * (1 - ratio));
  return {
    expr: `sum(rate(${bad}[5m])) / sum(rate(${all}[5m])) > ${bound} and sum(increase(${bad}[10m])) > ${FAILURES}`,
    labels: { protocol },
    summary: `${facts.name}: more than ${percent(bound)} of ${protocol} requests fail`,
    description: `{{ $value | humanizePercentage }} of requests failed by the fault of ${facts.name} over 5m.`,
    // Of very few requests two failures are a large share and mean nothing.
    example: () => ({ bad: share(bound * 1.2), good: [share(bound * 0.8), requests(0.2, 0)] }),
  };
}

function failureOf([, , pattern]: Matcher): string {
  return pattern.slice(0, pattern.indexOf("|"));
}

export const SERVICE_ALERTS = {
  errorRatio: {
    alert: "ServiceErrorRatio",
    severity: "critical",
    for: "10m",
    bound: { unit: "share", value: "1%" },
    actions: ["diagnose"],
    runbook: "error-ratio",
    conditions: (facts, bound) => facts.protocols.map((protocol) => errorRatio(facts, protocol, bound)),
  },
  targetDown: {
    alert: "ServiceTargetDown",
    severity: "ticket",
    for: "15m",
    runbook: "target-down",
    conditions: (facts) => {
      if (!facts.scraped) return [];
      const up = (instance: string) => series("up", facts.matchers, { instance });
      return [
        {
          expr: `count(${selector("up", facts.matchers)} == 0) > 0`,
          summary: `${facts.name}: pods that answer no scrape`,
          description: `{{ $value }} of the pods of ${facts.name} answer no scrape, so what they do is not seen.`,
          example: () => ({
            bad: [
              [up("a"), steady(1)],
              [up("b"), steady(0)],
            ],
            good: [[[up("a"), steady(1)]]],
          }),
        },
      ];
    },
  },
} as const satisfies Readonly<Record<string, AlertRow>>;
