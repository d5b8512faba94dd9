import * as z from "zod";
import type { Duration } from "../../core/duration.ts";
import { type Fault, FaultError, Faults } from "../../core/fault.ts";
import { checkShape, duration, maybe, recordOf, strict } from "../../core/shape.ts";
import { checkLoad, loadShape, type ServiceLoad } from "../load/load-props.ts";
import { bucketsShape, type MetricDeclaration, metricDeclarationShape } from "../metric.ts";
import { type ServiceLevelObjects, type ServiceLevelProps, serviceLevel } from "../service-level.ts";
import {
  type Instrumentation,
  type LatencyProps,
  latencyShape,
  type ObjectiveProps,
  objectiveShape,
  type Protocol,
  protocolShape,
  share,
} from "./objective-props.ts";
import { type AlertProps, alertShape } from "./rung.ts";

/** What a service promises, as its catalogue entry says it: `slo: { availability: 99.9, latency: { percentile: 99, under: "750ms" } }`. */
export interface ServiceSlo {
  /** Share of requests that must succeed over the period, in percent. Above 93.06, or the fastest alert could never fire. */
  readonly availability?: number;
  readonly latency?: LatencyProps;
  /** Further promises by name: one route or method, freshness, counters of its own. */
  readonly objectives?: Readonly<Record<string, ObjectiveProps>>;
  /** The rolling period. @default "30d" */
  readonly period?: Duration;
  /** What requests are counted. @default "http" with an http port, otherwise "grpc" */
  readonly protocol?: Protocol;
  /** Which library's metrics the service exposes. @default "opentelemetry" */
  readonly instrumentation?: Instrumentation;
  /** Upper bounds in seconds of its request durations, where the service sets its own. @default the library's */
  readonly buckets?: readonly number[];
  /** Metrics of its own, by name. */
  readonly metrics?: Readonly<Record<string, MetricDeclaration>>;
  readonly alerts?: AlertProps;
  /** How it is tried under load, and held to what it promises: `fairlead load`. @default a GET of each route */
  readonly load?: ServiceLoad;
}

/** What the catalogue and the environment know about the service already. */
export interface ServiceSloFacts {
  readonly name: string;
  readonly namespace: string;
  readonly owner: string;
  readonly partOf?: string;
  readonly ports: Readonly<Record<string, number>>;
  /** Where docs/runbooks is served from. @default "docs/runbooks" */
  readonly runbooks?: string;
}

/** An entry's slo. */
export const serviceSloShape = strict<ServiceSlo>({
  availability: maybe(share),
  latency: maybe(latencyShape),
  objectives: maybe(recordOf(objectiveShape)),
  period: maybe(duration),
  protocol: maybe(protocolShape),
  instrumentation: maybe(z.enum(["opentelemetry", "prometheus"])),
  buckets: maybe(bucketsShape),
  metrics: maybe(recordOf(metricDeclarationShape)),
  alerts: maybe(alertShape),
  load: maybe(loadShape),
});

/** The props of a service level that an entry's slo stands for. */
export function serviceLevelProps(slo: ServiceSlo, facts: ServiceSloFacts): ServiceLevelProps {
  const { availability, latency, objectives, load: _load, ...rest } = slo;
  const { ports, ...known } = facts;
  return {
    protocol: ports["http"] === undefined && ports["grpc"] !== undefined ? "grpc" : "http",
    ...rest,
    ...known,
    objectives: {
      ...(availability === undefined ? {} : { availability: { availability } }),
      ...(latency === undefined ? {} : { latency: { latency } }),
      ...objectives,
    },
  };
}

/**
 * The service level of a catalogue's entry.
 * @throws FaultError with places as the entry has them: `slo.latency.under`.
 */
export function entryServiceLevel(slo: ServiceSlo, facts: ServiceSloFacts): ServiceLevelObjects {
  const faults = new Faults(facts.name);
  checkShape(faults, serviceSloShape, slo, "slo");
  faults.check();
  if (slo.load !== undefined) checkLoad(faults, "slo.load", slo.load, facts.ports);
  faults.check();
  try {
    return serviceLevel(serviceLevelProps(slo, facts));
  } catch (error) {
    if (error instanceof FaultError) throw new FaultError(error.faults.map((fault) => placedInEntry(fault, slo)));
    throw error;
  }
}

function placedInEntry(fault: Fault, slo: ServiceSlo): Fault {
  const short = (["availability", "latency"] as const).find(
    (name) =>
      slo[name] !== undefined && slo.objectives?.[name] === undefined && isBelow(fault.path, `objectives.${name}`),
  );
  if (short === undefined) return { ...fault, path: `slo.${fault.path}` };
  const rest = fault.path.slice(`objectives.${short}`.length);
  return { ...fault, path: `slo${isBelow(rest, `.${short}`) ? rest : `.${short}${rest}`}` };
}

function isBelow(path: string, parent: string): boolean {
  return path === parent || path.startsWith(`${parent}.`);
}
