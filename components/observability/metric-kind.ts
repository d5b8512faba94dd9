/** How a metric is counted. */
export type MetricType = "counter" | "gauge" | "histogram";

/** One metric that something exposes, by the name under which Prometheus stores it. */
export interface Metric {
  /** For a histogram without _bucket, _count and _sum. */
  readonly name: string;
  readonly type: MetricType;
  /** Labels that the program sets; those that scraping adds are known for every metric. */
  readonly labels: readonly string[];
  /** Upper bounds of a histogram's buckets, in the metric's unit, ascending and without infinity. */
  readonly buckets?: readonly number[];
}
