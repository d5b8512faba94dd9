import { promqlDuration } from "../promql.ts";
import { absenceAlert, burnRateAlert } from "./alerts.ts";
import { badCount, restOf, totalOf } from "./indicator.ts";
import type { Objective } from "./objective.ts";
import { countName, NEARLY_NOTHING, RECORDED, ratioName, recordedSelector, totalName } from "./recorded.ts";
import type { Rule, RuleGroup } from "./rule.ts";
import { isRaw, PACES, type Pace, paceOf, SUM_STEP, SUM_WINDOW, spacingOf } from "./window.ts";

export interface RuleOptions {
  /** Where docs/runbooks is served from, without a slash at the end. @default "docs/runbooks" */
  readonly runbooks?: string;
}

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
  const add = (pace: Pace, recorded: Recorded) => {
    for (const [record, expr] of recorded) paced[pace].push({ record, expr, labels });
  };
  add("fast", sums(objective));
  for (const { window, counted } of windows(objective)) {
    add(paceOf(objective, window), windowRules(objective, window, counted));
  }
  for (const rung of objective.rungs)
    paced[paceOf(objective, rung.long)].push(burnRateAlert(objective, rung, runbooks));
  if (objective.absence !== undefined) paced.medium.push(absenceAlert(objective, objective.absence, runbooks));
  paced.slow.push(...periodRules(objective, { ...labels, period: promqlDuration(objective.period) }));
}

/** Name and expression of rules that build on each other. */
type Recorded = readonly (readonly [name: string, expr: string])[];

/** The two sums that everything long is built from, and their ratio. */
function sums(objective: Objective): Recorded {
  const { indicator } = objective;
  const s = recordedSelector(objective);
  const ratio = [RECORDED.ratio, over(`${RECORDED.bad}${s}`, `${RECORDED.total}${s}`)] as const;
  switch (indicator.kind) {
    case "state":
      return [[RECORDED.bad, indicator.bad], [RECORDED.total, `${RECORDED.bad}${s} * 0 + 1`], ratio];
    case "rest":
      return [
        [RECORDED.total, totalOf(indicator, "rate", SUM_WINDOW)],
        [RECORDED.bad, restOf(indicator, `${RECORDED.total}${s}`, "rate", SUM_WINDOW)],
        ratio,
      ];
    case "counters":
      return [
        [RECORDED.total, totalOf(indicator, "rate", SUM_WINDOW)],
        [RECORDED.bad, badCount(indicator, "rate", SUM_WINDOW)],
        ratio,
      ];
  }
}

/** Bad of all, 0 where there was nothing. `match` where only one side has labels. */
function over(bad: string, total: string, match = ""): string {
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

/** The ratio of a window, after the count of bad events where the guard asks for it. */
function windowRules(objective: Objective, window: number, counted: boolean): Recorded {
  const { indicator } = objective;
  const s = recordedSelector(objective);
  const [count, ratio] = [countName(window), ratioName(window)];
  if (indicator.kind === "state" || !isRaw(objective, window)) {
    const [bad, total] = recordedSums(objective, window, spacingOf(window));
    if (!counted) return [[ratio, over(bad, total)]];
    // Events per second, once in so many seconds.
    const times = ` * ${spacingOf(window)}`;
    return [
      [count, `${bad}${times}`],
      [ratio, over(`${count}${s}`, `${total}${times}`)],
    ];
  }
  if (indicator.kind === "rest") {
    const total = totalName(window);
    const whole = [total, totalOf(indicator, "increase", window)] as const;
    const bad = restOf(indicator, `${total}${s}`, "increase", window);
    return counted
      ? [whole, [count, bad], [ratio, over(`${count}${s}`, `${total}${s}`)]]
      : [whole, [ratio, over(bad, `${total}${s}`, " on()")]];
  }
  const bad = badCount(indicator, "increase", window);
  const total = totalOf(indicator, "increase", window);
  // The recorded count has labels that a sum of raw counters lacks.
  return counted
    ? [
        [count, bad],
        [ratio, over(`${count}${s}`, total, " on()")],
      ]
    : [[ratio, over(`(${bad})`, total)]];
}

/** Both recorded sums over a window, from every point or one in so many seconds. */
function recordedSums(objective: Objective, window: number, spacing: number): readonly [bad: string, total: string] {
  const step = spacing === SUM_STEP ? `:${promqlDuration(SUM_STEP)}` : "";
  const range = `${recordedSelector(objective)}[${promqlDuration(window)}${step}]`;
  return [`sum_over_time(${RECORDED.bad}${range})`, `sum_over_time(${RECORDED.total}${range})`];
}

/** What the promise is measured by: bad events of the period over all of them, never a mean of ratios. */
function periodRules(objective: Objective, labels: Readonly<Record<string, string>>): readonly Rule[] {
  const [bad, total] = recordedSums(objective, objective.period, SUM_STEP);
  const measured = `${RECORDED.period}${recordedSelector(objective)}`;
  return [
    { record: RECORDED.objective, expr: `vector(${objective.target})`, labels: { ...labels, owner: objective.owner } },
    { record: RECORDED.period, expr: over(bad, total), labels },
    { record: RECORDED.remaining, expr: `1 - ${measured} / ${objective.budget}`, labels },
  ];
}
