import type { Duration } from "../../core/duration.ts";
import { type Matcher, selector } from "../promql.ts";
import type { Instrumentation, Protocol } from "../slo/objective-props.ts";
import type { AlertAction, AlertSeverity, BoundUnit } from "./settings.ts";

/** A backing service as the one that uses it names it. Exactly one kind; for the first two the exporter's job. */
export interface BackingService {
  /** The job of its postgres_exporter. */
  readonly postgres?: string;
  /** The job of its redis_exporter. */
  readonly redis?: string;
  /** What the service reads from Kafka. */
  readonly kafka?: { readonly group: string; readonly topic: string };
  /** A RabbitMQ queue that the service works off. */
  readonly rabbitmq?: { readonly queue: string };
  /** Where it runs. @default the service's namespace */
  readonly namespace?: string;
}

/** Objects of a workload that may bear another name than it, as those that were adopted do. */
export interface ObjectNames {
  /** @default the workload's name */
  readonly deployment?: string;
  /** @default the workload's name */
  readonly autoscaler?: string;
  /** @default the workload's name */
  readonly disruptionBudget?: string;
}

/** What runs a component's pods; none where only other things are watched. */
export type WorkloadKind = "deployment" | "rollout" | "cronJob" | "none";

/** What an alert needs to know of a service. */
export interface AlertFacts {
  readonly name: string;
  readonly namespace: string;
  /** What its objects are called. */
  readonly names: Readonly<Record<keyof ObjectNames, string>>;
  /** What its own series are selected by. */
  readonly matchers: readonly Matcher[];
  readonly protocols: readonly Protocol[];
  readonly instrumentation: Instrumentation;
  readonly workload: WorkloadKind;
  readonly scraped: boolean;
  readonly autoscaled: boolean;
  readonly disruptionBudget: boolean;
  readonly cpuLimit: boolean;
  readonly certificates: readonly string[];
  readonly backing: Readonly<Record<string, BackingService>>;
}

/** Series for promtool, a value each minute. */
export type Samples = readonly (readonly [series: string, values: string])[];

/** How a condition is tried. */
export interface Example {
  /** Under which it holds all the time, by as little as makes sense. */
  readonly bad: Samples;
  /** Under each of which it never holds, by as little as makes sense. */
  readonly good: readonly Samples[];
  /** Minutes that pass before the bad samples can be told as such, where it looks back far. @default 0 */
  readonly from?: number;
}

/** One thing that an alert watches. */
export interface Condition {
  readonly expr: string;
  readonly summary: string;
  readonly description: string;
  /** Labels that tell the things of one alert apart. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly example: () => Example;
}

/** One alert of the table. */
export interface AlertRow {
  /** Its name in Prometheus. */
  readonly alert: string;
  readonly severity: AlertSeverity;
  readonly for: Duration;
  /** What it compares with, and its default: "1%", 1000 or "14d". */
  readonly bound?: { readonly unit: BoundUnit; readonly value: string | number };
  /** What a responder may do about it, where one runs. @default nothing */
  readonly actions?: readonly AlertAction[];
  /** File in docs/runbooks, without its ending. */
  readonly runbook: string;
  /** What it watches; nothing where it does not apply. A share is a ratio, a time is in seconds. */
  readonly conditions: (facts: AlertFacts, bound: number) => readonly Condition[];
}

/** A selector of one equality after another. */
export function series(name: string, ...labels: readonly (Readonly<Record<string, string>> | readonly Matcher[])[]) {
  const matchers = labels.flatMap((some) =>
    isMatchers(some) ? some : Object.entries(some).map(([label, value]): Matcher => [label, "=", value]),
  );
  return selector(name, matchers);
}

function isMatchers(labels: Readonly<Record<string, string>> | readonly Matcher[]): labels is readonly Matcher[] {
  return Array.isArray(labels);
}

/** Longer than any example is looked at, in minutes. */
const LENGTH = 600;

/** The same value all the time. */
export function steady(value: number): string {
  return `${value}x${LENGTH}`;
}

/** A value that grows by so much each minute. */
export function growing(start: number, perMinute: number): string {
  return `${start}+${perMinute}x${LENGTH}`;
}
