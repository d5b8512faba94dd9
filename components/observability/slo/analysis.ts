import type { Duration } from "../../core/duration.ts";
import { seconds } from "../../core/duration.ts";
import { type Matcher, promqlString } from "../promql.ts";
import { badCount, type Indicator, restOf, totalOf } from "./indicator.ts";
import type { Objective } from "./objective.ts";
import { NEARLY_NOTHING } from "./recorded.ts";
import type { RungName } from "./rung.ts";

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
  if (rung === undefined || objective.indicator.kind === "state") return undefined;
  const indicator = narrowed(objective.indicator, options.canary ?? []);
  const window = seconds(options.window ?? "5m") ?? 300;
  const total = totalOf(indicator, "increase", window);
  const bad =
    indicator.kind === "rest"
      ? restOf(indicator, total, "increase", window)
      : `(${badCount(indicator, "increase", window)})`;
  const guard = objective.minimumBadEvents > 0 ? ` * (${bad} > bool ${objective.minimumBadEvents - 0.5})` : "";
  return {
    name: objective.id,
    interval: options.interval ?? "1m",
    ...(options.count === undefined ? {} : { count: options.count }),
    failureLimit: options.failureLimit ?? 1,
    inconclusiveLimit: 3,
    successCondition: `len(result) > 0 && result[0] <= ${rung.threshold}`,
    failureCondition: `len(result) > 0 && result[0] > ${rung.threshold}`,
    provider: {
      prometheus: {
        address: options.address,
        query: `${bad} / clamp_min(${total}, ${NEARLY_NOTHING})${guard}`,
      },
    },
  };
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
