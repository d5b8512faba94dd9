import { promqlDuration } from "../promql.ts";
import type { Objective } from "./objective.ts";

/** Below any rate that occurs in a period, so that a division by an idle service's 0 yields 0 and never NaN. */
export const NEARLY_NOTHING = "1e-12";

/** What the rules record. Long windows, canary gates and dashboards read these and never the raw counters. */
export const RECORDED = {
  /** All events per second over 5 minutes. */
  total: "slo:total:rate5m",
  /** Bad events per second over 5 minutes. */
  bad: "slo:bad:rate5m",
  /** Bad events of all events over 5 minutes. */
  ratio: "slo:bad_ratio:rate5m",
  /** Bad events of all events over the period: what the promise is measured by. */
  period: "slo:bad_ratio:period",
  /** Share of the error budget that is left: 1 untouched, 0 spent, below 0 overspent. */
  remaining: "slo:budget:remaining",
  /** The target itself, with owner and period as labels. */
  objective: "slo:objective:ratio",
} as const;

/** Bad events of all events over a window in seconds. */
export function ratioName(window: number): string {
  return `slo:bad_ratio:rate${promqlDuration(window)}`;
}

/** Bad events over a window in seconds. */
export function countName(window: number): string {
  return `slo:bad:increase${promqlDuration(window)}`;
}

/** All events over a window in seconds, where bad ones are the rest of good ones and need them twice. */
export function totalName(window: number): string {
  return `slo:total:increase${promqlDuration(window)}`;
}

/** What one objective's recorded series are selected by. */
export function recordedSelector(objective: Objective): string {
  return `{namespace=${JSON.stringify(objective.namespace)},slo=${JSON.stringify(objective.id)}}`;
}
