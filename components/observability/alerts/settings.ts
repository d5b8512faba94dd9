import * as z from "zod";
import type { Duration } from "../../core/duration.ts";
import { checked, duration, maybe, strict } from "../../core/shape.ts";

/**
 * How loud an alert is: "critical" wakes the owner and tells everybody who follows, "page" wakes the owner, "ticket" waits
 * for the working day.
 */
export type AlertSeverity = "critical" | "page" | "ticket";

/** What a responder may do about an alert, in this order: profiles, more pods for a while, one pod taken out of its service. */
export type AlertAction = "diagnose" | "scale" | "isolate";

/** A share in percent, such as "1%" or "0.5%". */
export type Percentage = `${number}%`;

/** What may be changed about every alert. */
export interface AlertChange {
  /** How long the condition must hold. @default the alert's own */
  readonly for?: Duration;
  /** @default the alert's own */
  readonly severity?: AlertSeverity;
  /** What a responder may do about it, as far as that is switched on there; [] for nothing. @default the alert's own */
  readonly actions?: readonly AlertAction[];
}

export interface ShareAlert extends AlertChange {
  /** The share above which it fires. @default the alert's own */
  readonly above?: Percentage;
}

export interface CountAlert extends AlertChange {
  /** The count above which it fires. @default the alert's own */
  readonly above?: number;
}

export interface DelayAlert extends AlertChange {
  /** The delay above which it fires. @default the alert's own */
  readonly above?: Duration;
}

export interface TimeLeftAlert extends AlertChange {
  /** The time left below which it fires. @default the alert's own */
  readonly below?: Duration;
}

/** Alerts by name: what one does otherwise than it would, or false to switch it off. Those that do not apply stay away by themselves. */
export interface ServiceAlertSettings {
  /** Share of requests that fail by the service's fault, with at least 3 of them in 10 minutes. @default above 1% for 10m, critical */
  readonly errorRatio?: ShareAlert | false;
  /** Pods that answer no scrape. @default for 15m, ticket */
  readonly targetDown?: AlertChange | false;
  /** Goroutines of one pod: never fewer than so many for half an hour and half as many again as an hour ago, or ten times as many. @default above 1000 for 15m, ticket */
  readonly goroutineLeak?: CountAlert | false;
  /** Share of GOMEMLIMIT that the Go runtime of one pod holds, so that the collector works against the limit. @default above 95% for 15m, ticket */
  readonly gcPressure?: ShareAlert | false;
  /** Share of CPU periods in which one pod was held back by its limit. @default above 25% for 15m, ticket */
  readonly cpuThrottling?: ShareAlert | false;
  /** A container that crashes again and again. @default for 10m, ticket */
  readonly crashLoop?: AlertChange | false;
  /** A container that was killed for its memory within half an hour. @default for 1m, ticket */
  readonly outOfMemory?: AlertChange | false;
  /** Fewer pods available than wanted. @default for 15m, ticket */
  readonly replicasMissing?: AlertChange | false;
  /** No pod available at all. @default for 2m, page */
  readonly noReplicas?: AlertChange | false;
  /** A new version was taken back or does not get ahead; for Rollouts only. @default for 5m, ticket */
  readonly rolloutDegraded?: AlertChange | false;
  /** The autoscaler wants as many pods as it may have. @default for 15m, ticket */
  readonly autoscalerAtMaximum?: AlertChange | false;
  /** The disruption budget lets no pod go, so no node can be drained. @default for 30m, ticket */
  readonly drainBlocked?: AlertChange | false;
  /** A run of a job failed for good. @default for 1m, ticket */
  readonly jobFailed?: AlertChange | false;
  /** A job was not started when it was due. @default above 1h for 5m, ticket */
  readonly jobOverdue?: DelayAlert | false;
  /** A certificate that should have been renewed. @default below 14d for 1h, ticket */
  readonly certificateExpiry?: TimeLeftAlert | false;
  /** A certificate that is about to end. @default below 3d for 10m, page */
  readonly certificateLastDays?: TimeLeftAlert | false;
  /** A PostgreSQL server that does not answer its exporter, or has none. @default for 2m, page */
  readonly postgresDown?: AlertChange | false;
  /** Share of a PostgreSQL server's connections that are taken. @default above 80% for 10m, ticket */
  readonly postgresConnections?: ShareAlert | false;
  /** A Redis server that does not answer its exporter, or has none. @default for 2m, page */
  readonly redisDown?: AlertChange | false;
  /** Share of a Redis server's memory that is taken. @default above 90% for 15m, ticket */
  readonly redisMemory?: ShareAlert | false;
  /** Messages that a Kafka consumer group is behind; the articles scale out at that many. @default above 500000 for 15m, ticket */
  readonly kafkaLag?: CountAlert | false;
  /** Messages that wait in a RabbitMQ queue. @default above 10000 for 15m, ticket */
  readonly queueBacklog?: CountAlert | false;
}

export type AlertKey = keyof ServiceAlertSettings;

/** What a bound is measured in, and the property that changes it. */
export type BoundUnit = "share" | "count" | "delay" | "timeLeft";

export const alertSeverityShape = z.enum(["critical", "page", "ticket"]);

const actionsShape = z.array(z.enum(["diagnose", "scale", "isolate"]));

const BOUNDS: Readonly<Record<BoundUnit, z.ZodType>> = {
  share: checked(z.string(), (text) =>
    /^\d+(\.\d+)?%$/.test(text) && Number(text.slice(0, -1)) > 0 && Number(text.slice(0, -1)) < 100
      ? undefined
      : ["but it is no share between 0 and 100 percent", 'use for example "2%"'],
  ),
  count: checked(z.number(), (count) =>
    count > 0 && Number.isFinite(count) ? undefined : ["but a count above 0 is expected", "use for example 1000"],
  ),
  delay: duration,
  timeLeft: duration,
};

/** The property by which a bound is changed. */
export function boundKey(unit: BoundUnit): "above" | "below" {
  return unit === "timeLeft" ? "below" : "above";
}

/** What settings may say of an alert with a bound of this unit, or without one. */
export function changeShape(unit: BoundUnit | undefined): z.ZodType {
  const change = { for: maybe(duration), severity: maybe(alertSeverityShape), actions: maybe(actionsShape) };
  if (unit === undefined) return z.union([strict<AlertChange>(change), z.literal(false)]);
  return z.union([z.strictObject({ ...change, [boundKey(unit)]: maybe(BOUNDS[unit]) }), z.literal(false)]);
}

/** What a responder may do, as a label: Alertmanager routes by labels alone. */
export function actionLabel(actions: readonly AlertAction[]): { readonly actions?: string } {
  return actions.length === 0 ? {} : { actions: actions.join(",") };
}
