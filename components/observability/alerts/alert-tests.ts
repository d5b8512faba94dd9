import { seconds } from "../../core/duration.ts";
import { type ServiceAlertsProps, type Watched, waitOf, watchedConditions } from "../service-alerts.ts";
import type { ExpressionTest, RuleTest, RuleTestFile } from "../slo/rule-tests.ts";
import type { Samples } from "./row.ts";

/** Minutes within which a condition is told after it begins to hold. */
const TOLD = 6;

/**
 * Tests for promtool of every alert of a service: it fires when it should and not before it has waited, and is silent
 * where it just need not fire.
 */
export function alertTests(file: string, props: ServiceAlertsProps): RuleTestFile {
  return {
    rule_files: [file],
    evaluation_interval: "1m",
    tests: watchedConditions(props).flatMap((watched) => tests(props, watched)),
  };
}

function tests(props: ServiceAlertsProps, { row, change, condition }: Watched): readonly RuleTest[] {
  const { bad, good, from = 0 } = condition.example();
  const wait = Math.ceil((seconds(waitOf(row, change)) ?? 0) / 60);
  const labels = { alertname: row.alert, alertstate: "firing", namespace: props.namespace, ...condition.labels };
  const matchers = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  const firing = `count(ALERTS{${matchers.join(",")},service=${JSON.stringify(props.name)}} == 1) or vector(0)`;
  const at = (minute: number, fires: boolean): ExpressionTest => ({
    expr: `(${firing}) > bool 0`,
    eval_time: `${minute}m`,
    exp_samples: [{ labels: "{}", value: fires ? 1 : 0 }],
  });
  const told = from + wait + TOLD;
  const what = [row.alert, ...Object.values(condition.labels ?? {})].join(" ");
  return [
    test(`${what} fires`, bad, [at(Math.max(0, from + wait - 1), false), at(told, true)]),
    ...good.map((samples, index) =>
      test(`${what} is silent, case ${index + 1}`, samples, [at(told, false), at(told * 2, false)]),
    ),
  ];
}

function test(name: string, samples: Samples, expressions: readonly ExpressionTest[]): RuleTest {
  return {
    name,
    interval: "1m",
    input_series: samples.map(([series, values]) => ({ series, values })),
    promql_expr_test: expressions,
  };
}
