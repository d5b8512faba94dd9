import { type Matcher, promqlDuration, selector } from "../promql.ts";

/**
 * Where an objective's events come from.
 * "counters": series that count events; what is bad is counted, or is the rest of what is good.
 * "state": a condition that holds or not; each second counts as one event.
 */
export type Indicator =
  | {
      readonly kind: "counters";
      /** Selector of all events. */
      readonly total: string;
      /** Selector of bad events. */
      readonly bad: string;
    }
  | {
      readonly kind: "rest";
      readonly total: string;
      /** Selector of good events; the rest is bad. */
      readonly good: string;
      /** Whether a service without a good series counts as wholly bad. Not for buckets, which exist or are misspelt. */
      readonly goodMayBeMissing: boolean;
    }
  | {
      readonly kind: "state";
      /** Expression that yields 1 while it is bad and 0 while it is good. */
      readonly bad: string;
    };

/** Events per second ("rate") or events ("increase") over a window. */
export type Counting = "rate" | "increase";

/** All events over a window in seconds, from the raw counters. */
export function totalOf(indicator: Exclude<Indicator, { kind: "state" }>, counting: Counting, window: number): string {
  return `sum(${counting}(${indicator.total}[${promqlDuration(window)}]))`;
}

/** Bad events over a window in seconds, from the raw counters; 0 where there is none yet. */
export function badOf(indicator: Exclude<Indicator, { kind: "state" }>, counting: Counting, window: number): string {
  const range = promqlDuration(window);
  // A series of errors is born with the first error.
  if (indicator.kind === "counters") return `sum(${counting}(${indicator.bad}[${range}])) or vector(0)`;
  const good = `sum(${counting}(${indicator.good}[${range}]))`;
  const missing = indicator.goodMayBeMissing ? `(${good} or vector(0))` : good;
  return `clamp_min(${totalOf(indicator, counting, window)} - ${missing}, 0)`;
}

/** How an upper bound may be written as a label: Prometheus 2 keeps the client's "1", Prometheus 3 makes it "1.0". */
export function bucketMatcher(bound: number): Matcher {
  return Number.isInteger(bound) ? ["le", "=~", `${bound}|${bound}[.]0`] : ["le", "=", String(bound)];
}

/** Events of a histogram that took no longer than a bucket's bound. */
export function withinBucket(metric: string, matchers: readonly Matcher[], bound: number): Indicator {
  return {
    kind: "rest",
    total: selector(`${metric}_count`, matchers),
    good: selector(`${metric}_bucket`, [...matchers, bucketMatcher(bound)]),
    goodMayBeMissing: false,
  };
}
