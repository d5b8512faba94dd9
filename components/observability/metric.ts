import * as z from "zod";
import { checked, maybe, strict } from "../core/shape.ts";
import { LABEL_MAP } from "./label-map.ts";
import type { Metric, MetricType } from "./metric-kind.ts";
import { KNOWN_METRICS } from "./metric-table.ts";

/** What a service says of a metric of its own, or of a known one that it exposes in another way. */
export interface MetricDeclaration {
  /** @default that of the known metric; required for a metric of the service's own */
  readonly type?: MetricType;
  /** @default those of the known metric, or none */
  readonly labels?: readonly string[];
  /** Upper bounds, ascending, in the metric's unit. @default those of the known metric */
  readonly buckets?: readonly number[];
}

export const bucketsShape: z.ZodType<readonly number[]> = checked(z.array(z.number()).min(1), (bounds) =>
  bounds.every((bound, index) => bound > 0 && bound > (bounds[index - 1] ?? 0))
    ? undefined
    : ["but bounds ascend and are above 0", "write them in seconds, such as [0.1, 0.25, 0.5, 0.8, 1]"],
);

export const metricDeclarationShape = strict<MetricDeclaration>({
  type: maybe(z.enum(["counter", "gauge", "histogram"])),
  labels: maybe(z.array(z.string().regex(/^[a-zA-Z_]\w*$/))),
  buckets: maybe(bucketsShape),
});

/** Labels that scraping adds: https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.ServiceMonitor */
export const TARGET_LABELS: readonly string[] = [...LABEL_MAP.map(({ label }) => label), "endpoint", "service"];

/** A time series' name, the metric it belongs to, and the labels it may have. */
export interface KnownSeries {
  readonly metric: Metric;
  readonly labels: ReadonlySet<string>;
}

/** The metrics that a service's expressions may read. */
export interface MetricRegistry {
  readonly metric: (name: string) => Metric | undefined;
  readonly series: (name: string) => KnownSeries | undefined;
  /** Every series' name. */
  readonly names: () => Iterable<string>;
}

let known:
  | { readonly metrics: ReadonlyMap<string, Metric>; readonly series: ReadonlyMap<string, KnownSeries> }
  | undefined;

// Built at first use: importing the library does no work.
function knownMetrics() {
  known ??= index(KNOWN_METRICS);
  return known;
}

function index(metrics: Iterable<Metric>) {
  const byName = new Map<string, Metric>();
  const series = new Map<string, KnownSeries>();
  for (const metric of metrics) {
    byName.set(metric.name, metric);
    for (const [name, labels] of seriesOf(metric)) series.set(name, { metric, labels });
  }
  return { metrics: byName, series };
}

function* seriesOf(metric: Metric): Generator<readonly [string, ReadonlySet<string>]> {
  const labels = new Set([...TARGET_LABELS, ...metric.labels]);
  if (metric.type !== "histogram") {
    yield [metric.name, labels];
    return;
  }
  yield [`${metric.name}_count`, labels];
  yield [`${metric.name}_sum`, labels];
  yield [`${metric.name}_bucket`, new Set([...labels, "le"])];
}

/** The metrics known to everybody, with a service's own laid over them. */
export function metricRegistry(own: Readonly<Record<string, MetricDeclaration>> = {}): MetricRegistry {
  const base = knownMetrics();
  const names = Object.keys(own);
  const declared = index(names.map((name) => declaredMetric(name, own[name] ?? {}, base.metrics.get(name))));
  return {
    metric: (name) => declared.metrics.get(name) ?? base.metrics.get(name),
    series: (name) => declared.series.get(name) ?? base.series.get(name),
    names: () => [...declared.series.keys(), ...base.series.keys()],
  };
}

function declaredMetric(name: string, own: MetricDeclaration, base: Metric | undefined): Metric {
  const buckets = own.buckets ?? base?.buckets;
  return {
    name,
    type: own.type ?? base?.type ?? "counter",
    labels: own.labels ?? base?.labels ?? [],
    ...(buckets === undefined ? {} : { buckets }),
  };
}
