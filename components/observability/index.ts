export type { PrometheusRule } from "./kind.ts";
export type { Metric, MetricDeclaration, MetricType } from "./metric.ts";
export {
  ruleFile,
  type ServiceLevelObjects,
  type ServiceLevelProps,
  serviceLevel,
  serviceObjectives,
} from "./service-level.ts";
export type { Objective } from "./slo/objective.ts";
export type {
  CounterProps,
  CustomProps,
  FreshnessProps,
  Instrumentation,
  LatencyProps,
  ObjectiveProps,
  Protocol,
} from "./slo/objective-props.ts";
export type { AbsenceProps, AlertProps, Rung, RungName, RungProps, Severity } from "./slo/rung.ts";
