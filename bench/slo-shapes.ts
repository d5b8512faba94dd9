import { seconds } from "../components/core/duration.ts";
import { type RuleGroup, type ServiceLevelProps, serviceLevelRules } from "../components/observability/index.ts";

/** A rule and how often it is evaluated, in seconds. */
export interface Timed {
  readonly record?: string;
  readonly expr: string;
  readonly interval: number;
}

/** What a way to write rules computes for one job with an objective of 99.9 % over 30 days. */
export interface Shape {
  readonly name: string;
  readonly rules: readonly Timed[];
  /** The 30-day ratio of bad events. */
  readonly period: string;
  /** The ratio of the last 5 minutes. */
  readonly recent: string;
  /** Conditions of the two pages, with the seconds that each must hold before it fires. */
  readonly pages: readonly { readonly expr: string; readonly wait: number }[];
}

const BUDGET = 0.001;
const WINDOWS = ["5m", "30m", "1h", "2h", "6h", "1d", "3d"] as const;

const all = (job: string) => `requests_total{job="${job}"}`;
const bad = (job: string) => `requests_total{code="500",job="${job}"}`;
const ratio = (job: string, window: string) => `sum(rate(${bad(job)}[${window}])) / sum(rate(${all(job)}[${window}]))`;
const both = (job: string, long: string, short: string, burn: number) =>
  `(${ratio(job, long)}) > ${burn * BUDGET} and (${ratio(job, short)}) > ${burn * BUDGET}`;

/** Rules of Sloth's shape, optimised: every window from the raw counters, the period as the mean of 5-minute ratios. */
export function slothShape(job: string): Shape {
  const recorded = `sloth_ratio5m{job="${job}"}`;
  const period = `sum_over_time(${recorded}[30d]) / count_over_time(${recorded}[30d])`;
  return {
    name: "Sloth's shape",
    rules: [
      ...WINDOWS.map((window) => ({
        expr: ratio(job, window),
        interval: 30,
        ...(window === "5m" ? { record: "sloth_ratio5m" } : {}),
      })),
      { expr: period, interval: 30 },
    ],
    period,
    recent: ratio(job, "5m"),
    pages: [
      { expr: both(job, "1h", "5m", 14.4), wait: 0 },
      { expr: both(job, "6h", "30m", 6), wait: 0 },
    ],
  };
}

/** Rules of Pyrra's shape: burn rates from the raw counters, the period's increase every 150 s, alerts that wait. */
export function pyrraShape(job: string): Shape {
  const increase = (selector: string) => `sum(increase(${selector}[30d]))`;
  return {
    name: "Pyrra's shape",
    rules: [
      ...[...WINDOWS.slice(0, -1), "4d"].map((window) => ({ expr: ratio(job, window), interval: 30 })),
      { expr: `sum by (code) (increase(${all(job)}[30d]))`, interval: 150 },
      { expr: `absent(${all(job)})`, interval: 30 },
    ],
    period: `${increase(bad(job))} / ${increase(all(job))}`,
    recent: ratio(job, "5m"),
    pages: [
      { expr: both(job, "1h", "5m", 14), wait: 120 },
      { expr: both(job, "6h", "30m", 7), wait: 900 },
    ],
  };
}

function serviceOf(job: string): ServiceLevelProps {
  return {
    name: job,
    namespace: "bench",
    owner: "bench",
    selector: { job },
    metrics: { requests_total: { type: "counter", labels: ["code"] } },
    objectives: {
      a: {
        custom: {
          percent: 99.9,
          total: { metric: "requests_total" },
          bad: { metric: "requests_total", where: { code: "500" } },
        },
      },
    },
  };
}

/** Our rule groups for a job. */
export function ourGroups(job: string): readonly RuleGroup[] {
  return serviceLevelRules(serviceOf(job)).groups;
}

export function ourObjective(job: string) {
  const [objective] = serviceLevelRules(serviceOf(job)).objectives;
  if (objective === undefined) throw new Error("the job has no objective");
  return objective;
}

/** Our own rules. */
export function ourShape(job: string): Shape {
  const groups = ourGroups(job);
  const rules = groups.flatMap(({ interval, rules }) =>
    rules.map((rule) => ({
      expr: rule.expr,
      interval: seconds(interval) ?? 0,
      ...("record" in rule ? { record: rule.record } : {}),
    })),
  );
  const find = (record: string) => rules.find((rule) => rule.record === record)?.expr ?? "";
  const pages = groups.flatMap((group) =>
    group.rules.flatMap((rule) =>
      "alert" in rule && rule.labels["severity"] === "page" ? [{ expr: rule.expr, wait: 0 }] : [],
    ),
  );
  return { name: "Fairlead", rules, period: find("slo:bad_ratio:period"), recent: find("slo:bad_ratio:rate5m"), pages };
}
