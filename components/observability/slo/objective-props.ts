import * as z from "zod";
import type { Duration } from "../../core/duration.ts";
import { checked, duration, maybe, recordOf, strict } from "../../core/shape.ts";
import { type AlertProps, alertShape } from "./rung.ts";

/** One promise to the users of a service. Exactly one of availability, latency, freshness and custom. */
export interface ObjectiveProps {
  /** Share of requests that must succeed over the period, in percent. Above 93.06, or the fastest alert could never fire. */
  readonly availability?: number;
  readonly latency?: LatencyProps;
  readonly freshness?: FreshnessProps;
  readonly custom?: CustomProps;
  /** One HTTP route as the service names it, such as "/orders/{id}"; a star stands for anything. @default every route */
  readonly route?: string;
  /** One gRPC method, "shop.order.v1.Orders/Create" or "Create"; a star stands for anything. @default every method */
  readonly method?: string;
  /** What requests are counted. @default "grpc" with a method, otherwise the service's */
  readonly protocol?: Protocol;
  /** The rolling period over which the promise holds. @default that of the service, "30d" */
  readonly period?: Duration;
  /** What this objective's alerts do otherwise than the service's. */
  readonly alerts?: AlertProps;
}

export type Protocol = "http" | "grpc";

/** Which library's metrics a service exposes. */
export type Instrumentation = "opentelemetry" | "prometheus";

export interface LatencyProps {
  /** Share of requests that must be fast enough, in percent: 99 for the 99th percentile. Requests that failed do not count. */
  readonly percentile: number;
  /** The longest a fast request takes. Must be a bucket of the histogram. */
  readonly under: Duration;
  /** A histogram of the service's own, in seconds. @default the request duration of its protocol */
  readonly metric?: string;
}

/** How old data may be. Exactly one of timestamp and age. */
export interface FreshnessProps {
  /** Share of time in which the data must be fresh, in percent. */
  readonly percent: number;
  /** The oldest that fresh data is. */
  readonly under: Duration;
  /** A gauge that holds when the data was last good, in seconds since 1970. The newest of all pods counts. */
  readonly timestamp?: string;
  /** A gauge that holds the data's age in seconds. The least of all pods counts. */
  readonly age?: string;
}

/** Any two counters. Exactly one of bad and good. */
export interface CustomProps {
  /** Share of events that must be good, in percent. */
  readonly percent: number;
  readonly total: CounterProps;
  readonly bad?: CounterProps;
  readonly good?: CounterProps;
}

/** Some series of a counter. */
export interface CounterProps {
  readonly metric: string;
  /** Label -> value, or any of several. */
  readonly where?: Readonly<Record<string, string | readonly string[]>>;
}

/** A share in percent that leaves a budget. */
export const share: z.ZodType<number> = checked(z.number(), (value) =>
  value > 0 && value < 100
    ? undefined
    : ["but a share lies between 0 and 100 percent, and 100 would leave no budget", "use for example 99.9"],
);

const counterShape = strict<CounterProps>({
  metric: z.string(),
  where: maybe(recordOf(z.union([z.string(), z.array(z.string()).min(1)]))),
});

export const latencyShape = strict<LatencyProps>({ percentile: share, under: duration, metric: maybe(z.string()) });

export const protocolShape: z.ZodType<Protocol> = z.enum(["http", "grpc"]);

export const objectiveShape = strict<ObjectiveProps>({
  availability: maybe(share),
  latency: maybe(latencyShape),
  freshness: maybe(
    strict<FreshnessProps>({
      percent: share,
      under: duration,
      timestamp: maybe(z.string()),
      age: maybe(z.string()),
    }),
  ),
  custom: maybe(
    strict<CustomProps>({ percent: share, total: counterShape, bad: maybe(counterShape), good: maybe(counterShape) }),
  ),
  route: maybe(z.string().min(1)),
  method: maybe(z.string().min(1)),
  protocol: maybe(protocolShape),
  period: maybe(duration),
  alerts: maybe(alertShape),
});
