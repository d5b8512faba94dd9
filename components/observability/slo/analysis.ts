import type { Duration } from "../../core/duration.ts";
import { seconds } from "../../core/duration.ts";
import { type Matcher, promqlDuration, promqlString } from "../promql.ts";
import { badCount, type Indicator, restOf, totalOf } from "./indicator.ts";
import type { Objective } from "./objective.ts";
import { NEARLY_NOTHING } from "./recorded.ts";
import { type RungName, tidy } from "./rung.ts";

/** A metric of an Argo Rollouts AnalysisTemplate: https://argo-rollouts.readthedocs.io/en/stable/features/analysis/ */
export interface AnalysisMetric {
  readonly name: string;
  readonly interval: Duration;
  readonly count?: number;
  /** Measurements that may fail before the rollout is undone. */
  readonly failureLimit: number;
  /** Measurements without data before the rollout stops and asks. */
  readonly inconclusiveLimit: number;
  readonly successCondition: string;
  readonly failureCondition: string;
  readonly provider: { readonly prometheus: { readonly address: string; readonly query: string } };
}

export interface AnalysisOptions {
  /** Prometheus' address. */
  readonly address: string;
  /** What tells the canary's series from the others, such as ["pod", "=~", "order-{{args.canary-hash}}-.*"]. */
  readonly canary?: readonly Matcher[];
  /** What tells the old version's series from the others. @default none: nothing is compared */
  readonly stable?: readonly Matcher[];
  /** How many times worse than the old version the canary must be to fail, where `stable` tells which that is. @default it does not count */
  readonly timesWorse?: number;
  /** Window of each measurement. @default "5m" */
  readonly window?: Duration;
  /** @default "1m" */
  readonly interval?: Duration;
  /** Measurements. @default as many as the rollout's steps leave time for */
  readonly count?: number;
  /** @default 1 */
  readonly failureLimit?: number;
  /** The rung whose burn rate a canary may not exceed. @default "pageFast" */
  readonly rung?: RungName;
}

/**
 * The same numbers as the alerts, asked of the canary's pods: it fails where a page would come, by the same threshold
 * and the same guard against few events. Nothing for an objective without requests, or without the rung.
 */
export function analysisMetric(objective: Objective, options: AnalysisOptions): AnalysisMetric | undefined {
  const rung = objective.rungs.find(({ name }) => name === (options.rung ?? "pageFast"));
  const { indicator } = objective;
  if (rung === undefined || indicator.kind === "state") return undefined;
  const window = windowOf(options);
  const { ratio, bad } = counted(narrowed(indicator, options.canary ?? []), window);
  const guard = objective.minimumBadEvents > 0 ? ` * (${bad} > bool ${objective.minimumBadEvents - 0.5})` : "";
  // Where the old version has no requests there is nothing to compare with, and the threshold alone decides.
  const against =
    options.stable === undefined || options.timesWorse === undefined
      ? ""
      : ` * ((${ratio} > bool ${options.timesWorse} * (${counted(narrowed(indicator, options.stable), window).ratio})) or vector(1))`;
  return {
    ...measured(objective.id, options, `result[0] <= ${rung.threshold}`, `result[0] > ${rung.threshold}`),
    provider: { prometheus: { address: options.address, query: `${ratio}${guard}${against}` } },
  };
}

/** Whether durations are what an objective promises, so that a canary's can be compared with the old version's. */
export function isLatency({ indicator, bound }: Objective): boolean {
  return bound !== undefined && indicator.kind === "rest";
}

/**
 * Fails where the canary's percentile has grown against the old version's: 300 means four times as slow. Nothing for an
 * objective that is not about latency.
 */
export function growthMetric(
  objective: Objective,
  options: AnalysisOptions & { readonly growth: number },
): AnalysisMetric | undefined {
  const { indicator, target } = objective;
  if (!isLatency(objective) || indicator.kind !== "rest") return undefined;
  const most = tidy(1 + options.growth / 100);
  const percentile = (matchers: readonly Matcher[] = []) => {
    const buckets = narrowed(indicator, matchers).total.replace("_count{", "_bucket{");
    return `histogram_quantile(${target}, sum by (le) (rate(${buckets}[${promqlDuration(windowOf(options))}])))`;
  };
  // A version without requests has no percentile, so nothing has grown; that it has none is the objective's own question.
  const query = `(${percentile(options.canary)} >= 0) / (${percentile(options.stable)} > 0) or vector(0)`;
  return {
    ...measured(`${objective.id}-growth`, options, `result[0] <= ${most}`, `result[0] > ${most}`),
    provider: { prometheus: { address: options.address, query } },
  };
}

function measured(name: string, options: AnalysisOptions, good: string, bad: string) {
  return {
    name,
    interval: options.interval ?? "1m",
    ...(options.count === undefined ? {} : { count: options.count }),
    failureLimit: options.failureLimit ?? 1,
    inconclusiveLimit: 3,
    successCondition: `len(result) > 0 && ${good}`,
    failureCondition: `len(result) > 0 && ${bad}`,
  };
}

function windowOf({ window }: AnalysisOptions): number {
  return seconds(window ?? "5m") ?? 300;
}

/** Bad events, and their share of all. */
function counted(indicator: Counted, window: number): { readonly ratio: string; readonly bad: string } {
  const total = totalOf(indicator, "increase", window);
  const bad =
    indicator.kind === "rest"
      ? restOf(indicator, total, "increase", window)
      : `(${badCount(indicator, "increase", window)})`;
  return { ratio: `${bad} / clamp_min(${total}, ${NEARLY_NOTHING})`, bad };
}

type Counted = Exclude<Indicator, { kind: "state" }>;

function narrowed(indicator: Counted, matchers: readonly Matcher[]): Counted {
  const narrow = (selector: string) =>
    matchers.length === 0
      ? selector
      : `${selector.slice(0, -1)},${matchers.map(([label, operator, value]) => `${label}${operator}${promqlString(value)}`).join(",")}}`;
  const total = narrow(indicator.total);
  return indicator.kind === "rest"
    ? { ...indicator, total, good: narrow(indicator.good) }
    : { ...indicator, total, bad: narrow(indicator.bad) };
}
