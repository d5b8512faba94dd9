import { type Duration, seconds } from "../../core/duration.ts";
import { didYouMean, type Faults } from "../../core/fault.ts";
import type { MetricRegistry } from "../metric.ts";
import { checkPromql, literalPattern, type Matcher, promqlDuration, selector } from "../promql.ts";
import { type Indicator, withinBucket } from "./indicator.ts";
import type { CounterProps, Instrumentation, ObjectiveProps, Protocol } from "./objective-props.ts";
import { methodMatchers, requestSeries, routeMatcher } from "./request-series.ts";
import { type AlertProps, tidy } from "./rung.ts";

/** What all objectives of a service share. */
export interface ServiceFacts {
  readonly name: string;
  readonly namespace: string;
  readonly owner: string;
  /** What its series are selected by. */
  readonly matchers: readonly Matcher[];
  readonly protocol: Protocol;
  readonly instrumentation: Instrumentation;
  readonly registry: MetricRegistry;
  readonly period: Duration;
  readonly alerts: AlertProps;
}

export const KINDS = ["availability", "latency", "freshness", "custom"] as const;
type Kind = (typeof KINDS)[number];

/** How an objective is measured. */
export interface Measured {
  /** In percent, as the user wrote it. */
  readonly percent: number;
  /** Where the user wrote it. */
  readonly path: string;
  readonly promise: string;
  readonly indicator: Indicator;
  readonly bound?: number;
}

type Measure = (faults: Faults, path: string, props: ObjectiveProps, service: ServiceFacts) => Measured | undefined;

export const MEASURES: Readonly<Record<Kind, Measure>> = { availability, latency, freshness, custom };

/** What requests an objective counts. */
export function protocolOf(props: ObjectiveProps, service: ServiceFacts): Protocol {
  return (
    props.protocol ?? (props.method === undefined ? (props.route === undefined ? service.protocol : "http") : "grpc")
  );
}

/** Matchers of the requests that an objective is about. */
function requestMatchers(
  faults: Faults,
  path: string,
  props: ObjectiveProps,
  service: ServiceFacts,
): readonly Matcher[] {
  const protocol = protocolOf(props, service);
  const wrong = protocol === "http" ? "method" : "route";
  if (props[wrong] !== undefined) {
    faults.add(
      `${path}.${wrong}`,
      props[wrong],
      protocol === "http" ? "but HTTP requests have no gRPC method" : "but gRPC calls have no route",
      protocol === "http" ? "use route, or protocol: grpc" : "use method, or protocol: http",
    );
  }
  const { instrumentation } = service;
  if (protocol === "grpc") {
    return [...service.matchers, ...(props.method === undefined ? [] : methodMatchers(instrumentation, props.method))];
  }
  return [...service.matchers, ...(props.route === undefined ? [] : [routeMatcher(instrumentation, props.route)])];
}

function subject(props: ObjectiveProps): string {
  if (props.route !== undefined) return `requests to ${props.route}`;
  return props.method === undefined ? "requests" : `calls of ${props.method}`;
}

function availability(
  faults: Faults,
  path: string,
  props: ObjectiveProps,
  service: ServiceFacts,
): Measured | undefined {
  if (props.availability === undefined) return undefined;
  const series = requestSeries(protocolOf(props, service), service.instrumentation);
  const matchers = requestMatchers(faults, path, props, service);
  const total = selector(series.total, matchers);
  const bad = selector(series.total, [...matchers, series.failed]);
  checkPromql(faults, props.route === undefined ? path : `${path}.route`, bad, service.registry);
  return {
    percent: props.availability,
    path: `${path}.availability`,
    promise: `${props.availability} % of ${subject(props)} succeed`,
    indicator: { kind: "counters", total, bad },
  };
}

function latency(faults: Faults, path: string, props: ObjectiveProps, service: ServiceFacts): Measured | undefined {
  const given = props.latency;
  if (given === undefined) return undefined;
  const series = requestSeries(protocolOf(props, service), service.instrumentation);
  const name = given.metric ?? series.duration;
  const bound = bucketBound(faults, `${path}.latency`, name, given.under, service.registry);
  if (bound === undefined) return undefined;
  const matchers = given.metric === undefined ? requestMatchers(faults, path, props, service) : service.matchers;
  const counted =
    given.metric === undefined && series.succeeded !== undefined ? [...matchers, series.succeeded] : matchers;
  const indicator = withinBucket(name, counted, bound);
  if (indicator.kind === "rest") {
    checkPromql(faults, props.route === undefined ? path : `${path}.route`, indicator.good, service.registry);
  }
  return {
    percent: given.percentile,
    path: `${path}.latency.percentile`,
    promise: `${given.percentile} % of ${given.metric === undefined ? subject(props) : given.metric} take ${given.under} at most`,
    indicator,
    bound,
  };
}

/** The bucket of a histogram that ends at a duration. */
function bucketBound(
  faults: Faults,
  path: string,
  name: string,
  under: Duration,
  registry: MetricRegistry,
): number | undefined {
  const metric = registry.metric(name);
  const buckets = metric?.type === "histogram" ? metric.buckets : undefined;
  if (buckets === undefined) {
    const problem =
      metric === undefined ? "but no component exposes that metric" : "but it is no histogram with buckets";
    faults.add(`${path}.metric`, name, problem, `${histogramNear(name, registry)}, or declare it under metrics`);
    return undefined;
  }
  const bound = seconds(under) ?? 0;
  if (buckets.includes(bound)) return bound;
  const below = buckets.findLast((bucket) => bucket < bound);
  const above = buckets.find((bucket) => bucket > bound);
  const near = [below, above].flatMap((bucket) => (bucket === undefined ? [] : [`"${durationText(bucket)}"`]));
  faults.add(
    `${path}.under`,
    under,
    `but ${name} has no bucket that ends there, so nobody could tell`,
    `use ${near.join(" or ")}, or declare the service's own buckets`,
  );
  return undefined;
}

function histogramNear(name: string, registry: MetricRegistry): string {
  const bases = [...registry.names()].flatMap((series) => (series.endsWith("_bucket") ? [series.slice(0, -7)] : []));
  return didYouMean(name, bases);
}

function durationText(length: number): Duration {
  return length < 1 || length % 1 !== 0 ? `${tidy(length * 1000)}ms` : promqlDuration(length);
}

function freshness(faults: Faults, path: string, props: ObjectiveProps, service: ServiceFacts): Measured | undefined {
  const given = props.freshness;
  if (given === undefined) return undefined;
  noRequests(faults, path, props, "freshness");
  const metric = given.timestamp ?? given.age;
  if (metric === undefined || (given.timestamp !== undefined && given.age !== undefined)) {
    faults.add(`${path}.freshness`, given, "but age is told in exactly one way", "give either timestamp or age");
    return undefined;
  }
  const series = selector(metric, service.matchers);
  const bound = seconds(given.under) ?? 0;
  checkPromql(faults, `${path}.freshness.${given.age === undefined ? "timestamp" : "age"}`, series, service.registry);
  const age = given.age === undefined ? `(time() - max(${series}))` : `min(${series})`;
  return {
    percent: given.percent,
    path: `${path}.freshness.percent`,
    promise: `${metric} is no older than ${given.under} in ${given.percent} % of the time`,
    indicator: {
      kind: "state",
      bad: `${age} > bool ${bound}`,
      gauge: series,
      holds: given.age === undefined ? "timestamp" : "age",
    },
  };
}

function custom(faults: Faults, path: string, props: ObjectiveProps, service: ServiceFacts): Measured | undefined {
  const given = props.custom;
  if (given === undefined) return undefined;
  noRequests(faults, path, props, "custom");
  const part = given.bad ?? given.good;
  if (part === undefined || (given.bad !== undefined && given.good !== undefined)) {
    faults.add(`${path}.custom`, given, "but the other series is either bad or good", "give either bad or good");
    return undefined;
  }
  const total = counterSelector(faults, `${path}.custom.total`, given.total, service);
  const other = counterSelector(faults, `${path}.custom.${given.bad === undefined ? "good" : "bad"}`, part, service);
  return {
    percent: given.percent,
    path: `${path}.custom.percent`,
    promise: `${given.percent} % of ${given.total.metric} are good`,
    indicator:
      given.bad === undefined
        ? { kind: "rest", total, good: other, goodMayBeMissing: true }
        : { kind: "counters", total, bad: other },
  };
}

function noRequests(faults: Faults, path: string, props: ObjectiveProps, kind: Kind): void {
  for (const key of ["route", "method", "protocol"] as const) {
    if (props[key] === undefined) continue;
    faults.add(`${path}.${key}`, props[key], `but ${kind} is not about requests`, "leave it out");
  }
}

function counterSelector(faults: Faults, path: string, counter: CounterProps, service: ServiceFacts): string {
  const own = Object.entries(counter.where ?? {}).map(
    ([label, value]): Matcher =>
      typeof value === "string" ? [label, "=", value] : [label, "=~", value.map(literalPattern).join("|")],
  );
  const text = selector(counter.metric, [...service.matchers, ...own]);
  checkPromql(faults, path, text, service.registry);
  const metric = service.registry.series(counter.metric)?.metric;
  if (metric?.type === "gauge") {
    faults.add(`${path}.metric`, counter.metric, "but it is a gauge, which counts no events", "use a counter");
  }
  return text;
}
