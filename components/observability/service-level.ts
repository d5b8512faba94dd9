import * as z from "zod";
import type { Duration } from "../core/duration.ts";
import { Faults } from "../core/fault.ts";
import { labels } from "../core/name.ts";
import type { Objects } from "../core/object.ts";
import { checkShape, componentName, duration, maybe, recordOf, strict } from "../core/shape.ts";
import { toYamlValue } from "../core/yaml-text.ts";
import { checkRules } from "./check-rules.ts";
import type { PrometheusRule } from "./kind.ts";
import {
  bucketsShape,
  type MetricDeclaration,
  type MetricRegistry,
  metricDeclarationShape,
  metricRegistry,
} from "./metric.ts";
import type { Matcher } from "./promql.ts";
import { type Objective, resolveObjective } from "./slo/objective.ts";
import {
  type Instrumentation,
  type ObjectiveProps,
  objectiveShape,
  type Protocol,
  protocolShape,
} from "./slo/objective-props.ts";
import { requestSeries } from "./slo/request-series.ts";
import type { RuleGroup } from "./slo/rule.ts";
import { ruleGroups } from "./slo/rules.ts";
import { type AlertProps, alertShape } from "./slo/rung.ts";

/** What a service promises, and whom its alerts call. */
export interface ServiceLevelProps {
  /** The service's name. */
  readonly name: string;
  readonly namespace: string;
  /** The team that is called when it breaks. */
  readonly owner: string;
  readonly partOf?: string;
  /** Name -> promise: { availability: { availability: 99.9 }, checkout: { latency: …, route: "/checkout" } }. */
  readonly objectives: Readonly<Record<string, ObjectiveProps>>;
  /** What requests are counted. @default "http" */
  readonly protocol?: Protocol;
  /** Which library's metrics the service exposes. @default "opentelemetry" */
  readonly instrumentation?: Instrumentation;
  /** Upper bounds in seconds of its request durations, where the service sets its own. @default the library's */
  readonly buckets?: readonly number[];
  /** Metrics of its own, by name. */
  readonly metrics?: Readonly<Record<string, MetricDeclaration>>;
  /** Labels that its series are selected by. @default { job: name, namespace } */
  readonly selector?: Readonly<Record<string, string>>;
  /** The rolling period of all objectives. @default "30d" */
  readonly period?: Duration;
  /** Alerting of all objectives. */
  readonly alerts?: AlertProps;
  /** Where docs/runbooks is served from, without a slash at the end. @default "docs/runbooks" */
  readonly runbooks?: string;
}

export interface ServiceLevelObjects extends Objects {
  readonly rules: PrometheusRule;
}

export const serviceLevelShape = strict<ServiceLevelProps>({
  name: componentName,
  namespace: componentName,
  owner: z.string().min(1),
  partOf: maybe(z.string()),
  objectives: recordOf(objectiveShape),
  protocol: maybe(protocolShape),
  instrumentation: maybe(z.enum(["opentelemetry", "prometheus"])),
  buckets: maybe(bucketsShape),
  metrics: maybe(recordOf(metricDeclarationShape)),
  selector: maybe(recordOf(z.string())),
  period: maybe(duration),
  alerts: maybe(alertShape),
  runbooks: maybe(z.string().min(1)),
});

/**
 * Recording rules and burn-rate alerts of one service, for the Prometheus Operator.
 * @throws FaultError for a promise that cannot be measured, or an alert that could never fire.
 */
export function serviceLevel(props: ServiceLevelProps): ServiceLevelObjects {
  const { groups } = serviceLevelRules(props);
  const rules: PrometheusRule = {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "PrometheusRule",
    metadata: {
      name: `${props.name}-slo`,
      namespace: props.namespace,
      labels: labels({ name: props.name, partOf: props.partOf, owner: props.owner, component: "service-level" }),
    },
    spec: { groups },
  };
  return { rules };
}

/**
 * The same rules as a file for a Prometheus without operator.
 * @throws FaultError as serviceLevel does.
 */
export function ruleFile(props: ServiceLevelProps): string {
  return toYamlValue({ groups: serviceLevelRules(props).groups });
}

/** Objectives and the rules made of them. Throws a FaultError as serviceLevel does. */
export function serviceLevelRules(props: ServiceLevelProps): {
  readonly objectives: readonly Objective[];
  readonly groups: readonly RuleGroup[];
} {
  const objectives = serviceObjectives(props);
  const groups = ruleGroups(props.name, objectives, props.runbooks === undefined ? {} : { runbooks: props.runbooks });
  checkRules(props.name, groups, registryOf(props));
  return { objectives, groups };
}

/**
 * The objectives of a service with nothing left open, for evidence, canary analysis and load tests.
 * @throws FaultError as serviceLevel does.
 */
export function serviceObjectives(props: ServiceLevelProps): readonly Objective[] {
  const faults = new Faults(typeof props.name === "string" ? props.name : "service level");
  checkShape(faults, serviceLevelShape, props);
  faults.check();
  const names = Object.keys(props.objectives);
  if (names.length === 0)
    faults.add("objectives", {}, "but it promises nothing", "give one, or leave the component out");
  const facts = {
    name: props.name,
    namespace: props.namespace,
    owner: props.owner,
    matchers: Object.entries(props.selector ?? { job: props.name, namespace: props.namespace }).map(
      ([label, value]): Matcher => [label, "=", value],
    ),
    protocol: props.protocol ?? "http",
    instrumentation: props.instrumentation ?? "opentelemetry",
    registry: registryOf(props),
    period: props.period ?? "30d",
    alerts: props.alerts ?? {},
  } as const;
  const objectives = names.flatMap((name) => {
    const path = `objectives.${name}`;
    if (!/^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(name)) {
      faults.add(path, name, "but it becomes part of names", "use lower-case letters, digits and hyphens");
    }
    const objective = resolveObjective(faults, path, name, props.objectives[name] ?? {}, facts);
    return objective === undefined ? [] : [objective];
  });
  faults.check();
  return objectives;
}

/** The metrics that a service may be judged by. */
function registryOf(props: ServiceLevelProps): MetricRegistry {
  const { buckets, instrumentation = "opentelemetry", metrics = {} } = props;
  if (buckets === undefined) return metricRegistry(metrics);
  const durations = (["http", "grpc"] as const).map((protocol) => requestSeries(protocol, instrumentation).duration);
  const own = durations.map((name) => [name, { buckets, ...metrics[name] }] as const);
  return metricRegistry({ ...metrics, ...Object.fromEntries(own) });
}
