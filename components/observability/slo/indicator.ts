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
      /** Selector of the gauge that it judges. */
      readonly gauge: string;
      /** What the gauge holds: when something was last good, or how long ago that is. In seconds. */
      readonly holds: "timestamp" | "age";
    };

/** Events per second ("rate") or events ("increase") over a window. */
export type Counting = "rate" | "increase";

type Counters = Extract<Indicator, { kind: "counters" }>;
type Rest = Extract<Indicator, { kind: "rest" }>;

/** All events over a window in seconds, from the raw counters. */
export function totalOf(indicator: Counters | Rest, counting: Counting, window: number): string {
  return `sum(${counting}(${indicator.total}[${promqlDuration(window)}]))`;
}

/** Bad events over a window in seconds, from their own raw counters. */
export function badCount(indicator: Counters, counting: Counting, window: number): string {
  // A series of errors is born with the first error.
  return `sum(${counting}(${indicator.bad}[${promqlDuration(window)}])) or vector(0)`;
}

/** Bad events over a window in seconds: what is left of `total`, an expression with labels, without the good ones. */
export function restOf(indicator: Rest, total: string, counting: Counting, window: number): string {
  const good = `sum(${counting}(${indicator.good}[${promqlDuration(window)}]))`;
  return `clamp_min(${total} - on() ${indicator.goodMayBeMissing ? `(${good} or vector(0))` : good}, 0)`;
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
