import { type Duration, seconds } from "../../core/duration.ts";
import { promqlDuration } from "../promql.ts";
import { badOf, totalOf } from "./indicator.ts";
import type { Objective } from "./objective.ts";
import { countName, NEARLY_NOTHING, RECORDED, ratioName, recordedSelector } from "./recorded.ts";
import { percent, type Rung, tidy } from "./rung.ts";

/** A rule as Prometheus reads it. */
export type Rule = RecordingRule | AlertRule;

export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: Duration;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Rules that are evaluated together, one after the other. */
export interface RuleGroup {
  readonly name: string;
  readonly interval: Duration;
  readonly rules: readonly Rule[];
}

export interface RuleOptions {
  /** Where docs/runbooks is served from, without a slash at the end. @default "docs/runbooks" */
  readonly runbooks?: string;
}

/** How often each kind of window is computed. What pages is computed often, what moves slowly is not. */
const PACES = { fast: "30s", medium: "60s", slow: "300s" } as const;
type Pace = keyof typeof PACES;

/** Seconds between two points of the recorded sums. */
export const SUM_INTERVAL = 30;
/** Seconds over which a recorded sum looks back; sums at this distance tile time without gap or overlap. */
export const SUM_WINDOW = 300;
/** The longest window that is computed from the raw counters, in seconds. */
const RAW_LIMIT = 3600;
/** The longest window over every recorded point; longer ones take one point in SUM_WINDOW. */
const EVERY_POINT_LIMIT = 6 * 3600;
/** Counts are extrapolated: half an event absorbs that. */
const HALF_AN_EVENT = 0.5;

export const BURN_RATE_ALERT = "SloBurnRate";
export const ABSENT_DATA_ALERT = "SloAbsentData";

/**
 * The rules of objectives of one service: three groups by pace, each objective's rules in the order in which they build
 * on each other, so that an alert sees the sums of its own evaluation.
 */
export function ruleGroups(
  name: string,
  objectives: readonly Objective[],
  options: RuleOptions = {},
): readonly RuleGroup[] {
  const paced: Record<Pace, Rule[]> = { fast: [], medium: [], slow: [] };
  for (const objective of objectives) addRules(paced, objective, options.runbooks ?? "docs/runbooks");
  return (["fast", "medium", "slow"] as const).flatMap((pace) =>
    paced[pace].length === 0 ? [] : [{ name: `${name}-slo-${pace}`, interval: PACES[pace], rules: paced[pace] }],
  );
}

function addRules(paced: Record<Pace, Rule[]>, objective: Objective, runbooks: string): void {
  const { namespace, service, id: slo } = objective;
  const labels = { namespace, service, slo };
  const s = recordedSelector(objective);
  const record = (pace: Pace, name: string, expr: string) => paced[pace].push({ record: name, expr, labels });

  for (const [name, expr] of sums(objective, s)) record("fast", name, expr);
  record("fast", ratioName(SUM_WINDOW), ratio(`${RECORDED.bad}${s}`, `${RECORDED.total}${s}`));
  for (const { window, counted } of windows(objective)) {
    const pace = paceOf(objective, window);
    const [bad, total] = events(objective, s, window, counted);
    if (counted) record(pace, countName(window), bad);
    // The recorded count has labels that a sum of raw counters lacks.
    const match = counted && isRaw(objective, window) ? " on()" : "";
    record(pace, ratioName(window), ratio(counted ? `${countName(window)}${s}` : bad, total, match));
  }
  for (const rung of objective.rungs) {
    paced[paceOf(objective, rung.long)].push(burnRateAlert(objective, s, rung, runbooks));
  }
  if (objective.absence !== undefined) paced.medium.push(absenceAlert(objective, s, objective.absence, runbooks));

  const period = { ...labels, period: promqlDuration(objective.period) };
  const [bad, total] = recordedSums(s, objective.period, ":5m");
  const whole = ratio(bad, total);
  paced.slow.push(
    { record: RECORDED.objective, expr: `vector(${objective.target})`, labels: { ...period, owner: objective.owner } },
    { record: RECORDED.period, expr: whole, labels: period },
    { record: RECORDED.remaining, expr: `1 - ${RECORDED.period}${s} / ${objective.budget}`, labels: period },
  );
}

/** The two sums that everything long is built from. */
function sums({ indicator }: Objective, s: string): readonly (readonly [name: string, expr: string])[] {
  if (indicator.kind === "state") {
    return [
      [RECORDED.bad, indicator.bad],
      [RECORDED.total, `${RECORDED.bad}${s} * 0 + 1`],
    ];
  }
  return [
    [RECORDED.total, totalOf(indicator, "rate", SUM_WINDOW)],
    [RECORDED.bad, badOf(indicator, "rate", SUM_WINDOW)],
  ];
}

/** Bad of all, 0 where there was nothing. */
function ratio(bad: string, total: string, match = ""): string {
  return `${bad} /${match} clamp_min(${total}, ${NEARLY_NOTHING})`;
}

/** The windows that the rungs need, the shortest first; whether bad events are counted in it for the guard. */
function windows(objective: Objective): readonly { readonly window: number; readonly counted: boolean }[] {
  const needed = new Map<number, boolean>();
  for (const { long, short } of objective.rungs) {
    needed.set(long, objective.minimumBadEvents > 0);
    needed.set(short, needed.get(short) ?? false);
  }
  // The sums' own ratio is always there.
  if (needed.get(SUM_WINDOW) === false) needed.delete(SUM_WINDOW);
  return [...needed].sort(([a], [b]) => a - b).map(([window, counted]) => ({ window, counted }));
}

/** Whether a window is computed from the raw counters: the short ones, and those of the fastest rung, which must be exact. */
export function isRaw(objective: Objective, window: number): boolean {
  if (objective.indicator.kind === "state") return false;
  const fastest = Math.min(...objective.rungs.map((rung) => rung.long));
  return window <= Math.max(RAW_LIMIT, fastest);
}

function paceOf(objective: Objective, window: number): Pace {
  if (isRaw(objective, window) || window <= RAW_LIMIT) return "fast";
  return window <= EVERY_POINT_LIMIT ? "medium" : "slow";
}

/** Bad and all events over a window, as counts or, where no count is needed, in any unit that cancels out. */
function events(
  objective: Objective,
  s: string,
  window: number,
  counted: boolean,
): readonly [bad: string, total: string] {
  const { indicator } = objective;
  if (indicator.kind !== "state" && isRaw(objective, window)) {
    const counting = counted ? "increase" : "rate";
    const bad = badOf(indicator, counting, window);
    return [counted || !bad.includes(" or ") ? bad : `(${bad})`, totalOf(indicator, counting, window)];
  }
  const every = window <= EVERY_POINT_LIMIT;
  const [bad, total] = recordedSums(s, window, every ? "" : ":5m");
  const spacing = every ? SUM_INTERVAL : SUM_WINDOW;
  return counted ? [`${bad} * ${spacing}`, `${total} * ${spacing}`] : [bad, total];
}

function recordedSums(s: string, window: number, step: string): readonly [bad: string, total: string] {
  const range = `[${promqlDuration(window)}${step}]`;
  return [`sum_over_time(${RECORDED.bad}${s}${range})`, `sum_over_time(${RECORDED.total}${s}${range})`];
}

function burnRateAlert(objective: Objective, s: string, rung: Rung, runbooks: string): AlertRule {
  const { long, short, threshold, burnRate } = rung;
  const guard =
    objective.minimumBadEvents > 0
      ? ` and ${countName(long)}${s} > ${tidy(objective.minimumBadEvents - HALF_AN_EVENT)}`
      : "";
  const [longText, periodText] = [promqlDuration(long), promqlDuration(objective.period)];
  const gone = promqlDuration(Math.round(objective.period / burnRate / 60) * 60);
  return {
    alert: BURN_RATE_ALERT,
    expr: `${ratioName(long)}${s} > ${threshold} and ${ratioName(short)}${s} > ${threshold}${guard}`,
    labels: alertLabels(objective, rung.severity, rung.label),
    annotations: {
      summary: `${objective.service}: ${objective.name} burns its error budget more than ${burnRate} times too fast`,
      description: `{{ $value | humanizePercentage }} of events were bad over ${longText}; ${rung.severity}s above ${percent(threshold)} over ${longText} and ${promqlDuration(short)}. Promised: ${objective.promise}. At ${burnRate} times the even rate the whole budget of ${periodText} lasts ${gone}.`,
      runbook_url: `${runbooks}/slo-burn-rate.md`,
    },
  };
}

function absenceAlert(
  objective: Objective,
  s: string,
  absence: NonNullable<Objective["absence"]>,
  runbooks: string,
): AlertRule {
  return {
    alert: ABSENT_DATA_ALERT,
    expr: `absent(${ratioName(SUM_WINDOW)}${s})`,
    for: promqlDuration(seconds(absence.after) ?? 0),
    labels: alertLabels(objective, absence.severity, "absent-data"),
    annotations: {
      summary: `${objective.service}: nobody can tell ${objective.name}, its data is missing`,
      description: `No data for ${absence.after}, so no other alert of this objective can fire. Promised: ${objective.promise}.`,
      runbook_url: `${runbooks}/slo-absent-data.md`,
    },
  };
}

function alertLabels(objective: Objective, severity: string, rung: string): Readonly<Record<string, string>> {
  const { namespace, owner, service, id: slo } = objective;
  return { namespace, owner, rung, service, severity, slo };
}
