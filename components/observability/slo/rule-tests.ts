import { promqlDuration } from "../promql.ts";
import { ABSENT_DATA_ALERT, BURN_RATE_ALERT } from "./alerts.ts";
import type { Objective } from "./objective.ts";
import { RECORDED } from "./recorded.ts";
import type { RuleGroup } from "./rule.ts";
import { type Behaviour, behaviours, type Traffic, trafficSeries } from "./rule-traffic.ts";
import type { Rung } from "./rung.ts";
import { lagOf, SUM_INTERVAL, SUM_WINDOW, timeToFire } from "./window.ts";

/** A file for `promtool test rules`: https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/ */
export interface RuleTestFile {
  readonly rule_files: readonly string[];
  readonly evaluation_interval: string;
  readonly tests: readonly RuleTest[];
}

export interface RuleTest {
  readonly name: string;
  readonly interval: string;
  readonly input_series: readonly { readonly series: string; readonly values: string }[];
  readonly promql_expr_test: readonly ExpressionTest[];
}

export interface ExpressionTest {
  readonly expr: string;
  readonly eval_time: string;
  readonly exp_samples: readonly { readonly labels: string; readonly value: number }[];
}

export interface RuleTestOptions {
  /** Share of bad events in each outage. @default 100, 15, 5 and 2 percent */
  readonly errorRatios?: readonly number[];
  /** Rungs that are tried, by their time to fire. The long ones need days of made-up data. @default pageFast */
  readonly rungs?: readonly Rung["name"][];
}

/** Evaluations that an alert may be late. */
const LATE = 1;

/**
 * Tests of one objective's rules: each rung fires in time and not before, ends after the errors end, is silent while the
 * objective is met, with few requests and with none, never yields NaN, and missing data is told.
 */
export function ruleTests(file: string, objective: Objective, options: RuleTestOptions = {}): RuleTestFile {
  const { errorRatios = [1, 0.15, 0.05, 0.02], rungs: names = ["pageFast"] } = options;
  const rungs = objective.rungs.filter((rung) => names.includes(rung.name));
  // A state is bad or not; it has no shares.
  const ratios = objective.indicator.kind === "state" ? [1] : errorRatios;
  return {
    rule_files: [file],
    evaluation_interval: `${SUM_INTERVAL}s`,
    tests: [
      ...rungs.flatMap((rung) => ratios.map((ratio) => outageTest(objective, rung, ratio))),
      ...behaviours(objective).map((behaviour) => quietTest(objective, behaviour)),
      absenceTest(objective),
    ].flatMap((test) => (test === undefined ? [] : [test])),
  };
}

/** A rule file of one objective alone, since tests give each objective its own traffic. */
export function rulesOf(groups: readonly RuleGroup[], objective: Objective): readonly RuleGroup[] {
  return groups.map((group) => ({
    ...group,
    rules: group.rules.filter(
      ({ labels }) => labels["slo"] === objective.id && labels["namespace"] === objective.namespace,
    ),
  }));
}

function outageTest(objective: Objective, rung: Rung, errorRatio: number): RuleTest {
  const before = rung.long + SUM_WINDOW;
  const due = timeToFire(objective, rung, errorRatio);
  const lag = lagOf(objective, rung.long);
  const lasts = due === undefined ? Math.min(rung.long, 7200) : up(due + lag) + 4 * SUM_INTERVAL;
  const after = rung.short + 2 * SUM_INTERVAL + lag;
  const traffic: Traffic = [
    { seconds: before, events: 1000, bad: 0 },
    { seconds: lasts, events: 1000, bad: errorRatio },
    { seconds: up(after), events: 1000, bad: 0 },
  ];
  const fires = firing(objective, rung);
  const checks =
    due === undefined
      ? [at(before + lasts - SUM_INTERVAL, fires, 0)]
      : [
          at(before, fires, 0),
          at(before + down(due - 2 * SUM_INTERVAL), fires, 0),
          at(before + up(due + lag) + LATE * SUM_INTERVAL, fires, 1),
          at(before + lasts + up(after), fires, 0),
        ];
  return {
    name: `${objective.id}: ${rung.label} at ${errorRatio * 100} % errors`,
    interval: `${SUM_INTERVAL}s`,
    input_series: trafficSeries(objective.indicator, traffic),
    promql_expr_test: checks,
  };
}

function quietTest(objective: Objective, { name, traffic, ratio }: Behaviour): RuleTest {
  const length = traffic.reduce((sum, { seconds }) => sum + seconds, 0);
  const quiet = `count(ALERTS{${own(objective)}}) or vector(0)`;
  const times = [0.25, 0.5, 0.75, 1].map((share) => down(length * share));
  return {
    name: `${objective.id}: silent ${name}`,
    interval: `${SUM_INTERVAL}s`,
    input_series: trafficSeries(objective.indicator, traffic),
    promql_expr_test: [
      ...times.flatMap((time) => [at(time, quiet, 0), at(time, notANumber(objective), 0)]),
      at(length, `count(${RECORDED.period}{${own(objective)}}) or vector(0)`, 1),
      ...(ratio === undefined ? [] : [at(length, measures(objective, ratio), 1)]),
    ],
  };
}

function absenceTest(objective: Objective): RuleTest | undefined {
  if (objective.absence === undefined) return undefined;
  const alert = `count(ALERTS{alertname="${ABSENT_DATA_ALERT}",alertstate="firing",${own(objective)}}) or vector(0)`;
  return {
    name: `${objective.id}: missing data is told`,
    interval: `${SUM_INTERVAL}s`,
    input_series: [],
    promql_expr_test: [
      { expr: alert, eval_time: "5m", exp_samples: [{ labels: "{}", value: 0 }] },
      { expr: alert, eval_time: `${durationPlus(objective.absence.after)}`, exp_samples: [{ labels: "{}", value: 1 }] },
    ],
  };
}

function durationPlus(after: string): string {
  return `${after}1m`.replace(/(\d+)m1m$/, (_, minutes: string) => `${Number(minutes) + 1}m`);
}

function own({ id, namespace }: Objective): string {
  return `namespace=${JSON.stringify(namespace)},slo=${JSON.stringify(id)}`;
}

function firing(objective: Objective, rung: Rung): string {
  return `count(ALERTS{alertname="${BURN_RATE_ALERT}",alertstate="firing",rung="${rung.label}",${own(objective)}}) or vector(0)`;
}

/** Whether the period's ratio is what the traffic makes it, within a hundredth of it. */
function measures(objective: Objective, ratio: number): string {
  const measured = `sum(${RECORDED.period}{${own(objective)}})`;
  return `abs(${measured} - ${ratio}) <= bool ${ratio / 100}`;
}

/** How many recorded series are NaN; NaN is the only value that differs from itself. */
function notANumber(objective: Objective): string {
  const named = (name: string) => `${name}{${own(objective)}}`;
  const names = [RECORDED.total, RECORDED.bad, RECORDED.period, RECORDED.remaining, RECORDED.ratio];
  const windows = objective.rungs.flatMap(({ long, short }) =>
    [long, short].map((window) => `slo:bad_ratio:rate${promqlDuration(window)}`),
  );
  return [...new Set([...names, ...windows])]
    .map((name) => `(count(${named(name)} != ${named(name)}) or vector(0))`)
    .join(" + ");
}

function at(time: number, expr: string, value: number): ExpressionTest {
  return { expr, eval_time: `${time}s`, exp_samples: [{ labels: "{}", value }] };
}

function up(time: number): number {
  return Math.ceil(time / SUM_INTERVAL - 1e-9) * SUM_INTERVAL;
}

function down(time: number): number {
  return Math.max(0, Math.floor(time / SUM_INTERVAL) * SUM_INTERVAL);
}
