import * as z from "zod";
import { type Duration, seconds } from "../core/duration.ts";
import { Faults } from "../core/fault.ts";
import { labels } from "../core/name.ts";
import type { Objects } from "../core/object.ts";
import { checked, checkShape, componentName, filled, maybe, recordOf, strict } from "../core/shape.ts";
import type { AlertFacts, AlertRow, BackingService, Condition, ObjectNames, WorkloadKind } from "./alerts/row.ts";
import {
  type AlertChange,
  type AlertKey,
  actionLabel,
  changeShape,
  type ServiceAlertSettings,
} from "./alerts/settings.ts";
import { ALERT_TABLE, boundOf } from "./alerts/table.ts";
import { checkRules } from "./check-rules.ts";
import type { PrometheusRule } from "./kind.ts";
import { type MetricDeclaration, metricDeclarationShape, metricRegistry } from "./metric.ts";
import { type Matcher, promqlDuration } from "./promql.ts";
import { type Instrumentation, type Protocol, protocolShape } from "./slo/objective-props.ts";
import type { AlertRule, RuleGroup } from "./slo/rule.ts";

/** What runs under a name, and whom its alerts call. */
export interface ServiceAlertsProps {
  /** The workload's name, which its CronJob and container bear, and its other objects unless `names` says otherwise. */
  readonly name: string;
  readonly names?: ObjectNames;
  readonly namespace: string;
  /** The team that is called. */
  readonly owner: string;
  readonly partOf?: string;
  /** What runs it; "none" where only other things are watched, such as certificates. @default "deployment" */
  readonly workload?: WorkloadKind;
  /** Protocols whose requests it answers. @default none */
  readonly protocols?: readonly Protocol[];
  /** Which library's metrics it exposes. @default "opentelemetry" */
  readonly instrumentation?: Instrumentation;
  /** Whether its own metrics are scraped. @default true, for a cron job false */
  readonly scraped?: boolean;
  /** Whether an autoscaler decides how many pods there are. @default false */
  readonly autoscaled?: boolean;
  /** Whether it has a disruption budget. @default true, for a cron job false */
  readonly disruptionBudget?: boolean;
  /** Whether its container has a CPU limit. @default false */
  readonly cpuLimit?: boolean;
  /** Names of cert-manager's Certificates that it serves with. @default none */
  readonly certificates?: readonly string[];
  /** What it stores data in and takes work from, by a name of its own. @default nothing */
  readonly backing?: Readonly<Record<string, BackingService>>;
  /** Labels that its own series are selected by. @default { job: name, namespace } */
  readonly selector?: Readonly<Record<string, string>>;
  /** Metrics of its own, or known ones that it exposes in another way. */
  readonly metrics?: Readonly<Record<string, MetricDeclaration>>;
  /** Alerts that do otherwise than by default, or false for one that is switched off. */
  readonly alerts?: ServiceAlertSettings;
  /** Where docs/runbooks is served from, without a slash at the end. @default "docs/runbooks" */
  readonly runbooks?: string;
}

export interface ServiceAlertsObjects extends Objects {
  readonly alerts: PrometheusRule;
}

const KINDS = ["postgres", "redis", "kafka", "rabbitmq"] as const;

const backingShape = checked(
  strict<BackingService>({
    postgres: maybe(filled),
    redis: maybe(filled),
    kafka: maybe(strict<NonNullable<BackingService["kafka"]>>({ group: filled, topic: filled })),
    rabbitmq: maybe(strict<NonNullable<BackingService["rabbitmq"]>>({ queue: filled })),
    namespace: maybe(filled),
  }),
  (service) =>
    KINDS.filter((kind) => service[kind] !== undefined).length === 1
      ? undefined
      : ["but a backing service is of exactly one kind", `give one of ${KINDS.join(", ")}`],
);

const settingsShape = strict<ServiceAlertSettings>(
  Object.fromEntries(
    Object.entries(ALERT_TABLE).map(([key, { bound }]) => [key, maybe(changeShape(bound?.unit))]),
  ) as Record<AlertKey, z.ZodType<never>>,
);

export const serviceAlertsShape = strict<ServiceAlertsProps>({
  name: componentName,
  namespace: componentName,
  names: maybe(
    strict<ObjectNames>({ deployment: maybe(filled), autoscaler: maybe(filled), disruptionBudget: maybe(filled) }),
  ),
  owner: filled,
  partOf: maybe(z.string()),
  workload: maybe(z.enum(["deployment", "rollout", "cronJob", "none"])),
  protocols: maybe(z.array(protocolShape)),
  instrumentation: maybe(z.enum(["opentelemetry", "prometheus"])),
  scraped: maybe(z.boolean()),
  autoscaled: maybe(z.boolean()),
  disruptionBudget: maybe(z.boolean()),
  cpuLimit: maybe(z.boolean()),
  certificates: maybe(z.array(filled)),
  backing: maybe(recordOf(backingShape)),
  selector: maybe(recordOf(z.string())),
  metrics: maybe(recordOf(metricDeclarationShape)),
  alerts: maybe(settingsShape),
  runbooks: maybe(filled),
});

/** How often the conditions are looked at. */
const INTERVAL: Duration = "1m";

/**
 * Alerts on what an objective does not tell: errors, the Go runtime, the workload's health, certificates and backing
 * services. For the Prometheus Operator.
 * @throws FaultError for an alert that does not exist, and for a metric that nobody exposes.
 */
export function serviceAlerts(props: ServiceAlertsProps): ServiceAlertsObjects {
  const alerts: PrometheusRule = {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "PrometheusRule",
    metadata: {
      name: `${props.name}-alerts`,
      namespace: props.namespace,
      labels: labels({ name: props.name, partOf: props.partOf, owner: props.owner, component: "alerts" }),
    },
    spec: { groups: serviceAlertRules(props) },
  };
  return { alerts };
}

/** The same rules as a Prometheus without operator reads them. Throws a FaultError as serviceAlerts does. */
export function serviceAlertRules(props: ServiceAlertsProps): readonly RuleGroup[] {
  const watched = watchedConditions(props);
  const rules = watched.map(({ row, change, condition }) => rule(props, row, change, condition));
  const groups = [{ name: `${props.name}-alerts`, interval: INTERVAL, rules }];
  checkRules(props.name, groups, metricRegistry(props.metrics));
  return groups;
}

/** One condition that is watched, and what is made of it. */
export interface Watched {
  readonly row: AlertRow;
  readonly change: AlertChange;
  readonly condition: Condition;
}

/** What is watched, after the settings. Throws a FaultError for props that are wrong. */
export function watchedConditions(props: ServiceAlertsProps): readonly Watched[] {
  const faults = new Faults(typeof props.name === "string" ? props.name : "service alerts");
  checkShape(faults, serviceAlertsShape, props);
  faults.check();
  const facts = factsOf(props);
  return Object.entries(ALERT_TABLE).flatMap(([key, row]) => {
    const change = props.alerts?.[key as AlertKey] ?? {};
    if (change === false) return [];
    return row.conditions(facts, boundOf(row, change)).map((condition) => ({ row, change, condition }));
  });
}

function factsOf(props: ServiceAlertsProps): AlertFacts {
  const { name, namespace, workload = "deployment" } = props;
  const runs = workload === "deployment" || workload === "rollout";
  return {
    name,
    namespace,
    names: { deployment: name, autoscaler: name, disruptionBudget: name, ...props.names },
    workload,
    matchers: Object.entries(props.selector ?? { job: name, namespace }).map(
      ([label, value]): Matcher => [label, "=", value],
    ),
    protocols: props.protocols ?? [],
    instrumentation: props.instrumentation ?? "opentelemetry",
    scraped: props.scraped ?? runs,
    autoscaled: props.autoscaled ?? false,
    disruptionBudget: props.disruptionBudget ?? runs,
    cpuLimit: props.cpuLimit ?? false,
    certificates: props.certificates ?? [],
    backing: props.backing ?? {},
  };
}

function rule(props: ServiceAlertsProps, row: AlertRow, change: AlertChange, condition: Condition): AlertRule {
  const { name: service, namespace, owner, runbooks = "docs/runbooks" } = props;
  return {
    alert: row.alert,
    expr: condition.expr,
    for: waitOf(row, change),
    labels: {
      ...condition.labels,
      ...actionLabel(change.actions ?? row.actions ?? []),
      namespace,
      owner,
      service,
      severity: change.severity ?? row.severity,
    },
    annotations: {
      summary: condition.summary,
      description: condition.description,
      runbook_url: `${runbooks}/${row.runbook}.md`,
    },
  };
}

/** How long a condition must hold, as Prometheus writes it. */
export function waitOf(row: AlertRow, change: AlertChange): Duration {
  return promqlDuration(seconds(change.for ?? row.for) ?? 0);
}
