import type { Duration } from "../../core/duration.ts";
import type { Objective } from "./objective.ts";
import { type Rung, tidy } from "./rung.ts";

/** How often each kind of window is computed. What pages is computed often, what moves slowly is not. */
export const PACES = { fast: "30s", medium: "60s", slow: "300s" } as const satisfies Readonly<Record<string, Duration>>;
export type Pace = keyof typeof PACES;

/** Seconds between two points of the recorded sums. */
export const SUM_INTERVAL = 30;
/** Seconds over which a recorded sum looks back. */
export const SUM_WINDOW = 300;
/**
 * Seconds between the points that long windows take: what a sum really sees of its five minutes, from the first scrape
 * to the last. At 300 the same half minute of every five would never be seen, and errors of a clock's making with it.
 */
export const SUM_STEP = 270;
/** Windows up to this many seconds are computed from the raw counters. */
const RAW_LIMIT = 3600;
/** Windows up to this many seconds read every recorded point; longer ones take one point in SUM_STEP. */
const EVERY_POINT_LIMIT = 6 * 3600;

/** Whether a window is computed from the raw counters: the short ones, and the fastest page's, which must be exact. */
export function isRaw(objective: Objective, window: number): boolean {
  if (objective.indicator.kind === "state") return false;
  const fastest = objective.rungs.find((rung) => rung.name === "pageFast")?.long ?? 0;
  return window <= Math.max(RAW_LIMIT, fastest <= EVERY_POINT_LIMIT ? fastest : 0);
}

/** Seconds between the points that a window over the recorded sums takes. */
export function spacingOf(window: number): number {
  return window <= EVERY_POINT_LIMIT ? SUM_INTERVAL : SUM_STEP;
}

export function paceOf(objective: Objective, window: number): Pace {
  if (isRaw(objective, window) || window <= RAW_LIMIT) return "fast";
  return window <= EVERY_POINT_LIMIT ? "medium" : "slow";
}

/** Seconds that a window's value lags behind the raw counters: half of what a sum looks back over, or a whole step. */
export function lagOf(objective: Objective, window: number): number {
  if (isRaw(objective, window) || objective.indicator.kind === "state") return 0;
  return spacingOf(window) === SUM_INTERVAL ? SUM_WINDOW / 2 : SUM_WINDOW;
}

/** Seconds after the start of errors at which a rung fires in theory; undefined when it never does. */
export function timeToFire(objective: Objective, rung: Rung, errorRatio: number): number | undefined {
  if (errorRatio <= rung.threshold) return undefined;
  return tidy((objective.budget / errorRatio) * rung.long * rung.burnRate);
}

/** Seconds between two evaluations of a rung's alert. */
export function evaluationOf(objective: Objective, rung: Rung): number {
  return Number.parseInt(PACES[paceOf(objective, rung.long)], 10);
}
