export {
  type AlertRoutingObjects,
  alertRouting,
  alertRoutingFile,
  type RoutingFileOptions,
  type RoutingSecrets,
} from "./alert-routing.ts";
export { alertTests } from "./alerts/alert-tests.ts";
export { type EntryAlerts, type EntryFacts, entryAlerts } from "./alerts/entry.ts";
export type { BackingService, ObjectNames } from "./alerts/row.ts";
export type {
  AlertAction,
  AlertChange,
  AlertKey,
  AlertSeverity,
  CountAlert,
  DelayAlert,
  Percentage,
  ServiceAlertSettings,
  ShareAlert,
  TimeLeftAlert,
} from "./alerts/settings.ts";
export { type DashboardsObjects, type DashboardsProps, dashboards } from "./dashboards.ts";
export type { PodMonitor, PrometheusRule, ServiceMonitor } from "./kind.ts";
export { LABEL_MAP, type LabelMapping } from "./label-map.ts";
export type { LoadRequest, ServiceLoad } from "./load/load-props.ts";
export { type LoadTestProps, loadTestScript } from "./load/load-script.ts";
export type { MetricDeclaration } from "./metric.ts";
export type { Metric, MetricType } from "./metric-kind.ts";
export type {
  Role,
  RoleBinding,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from "./responder/kind.ts";
export type {
  AlertResponderProps,
  ApiServerAddress,
  DiagnoseStep,
  IsolateStep,
  ReportDisk,
  ResponderSteps,
  ScaleStep,
} from "./responder/props.ts";
export { type AlertResponderObjects, alertResponder, responderUrl } from "./responder.ts";
export type { AlertmanagerConfig } from "./routing/config-object.ts";
export type {
  AlertRoutingProps,
  Grouping,
  Heartbeat,
  OwnerRouting,
  ResponderRoute,
  TimeSpan,
} from "./routing/props.ts";
export type {
  EmailReceiver,
  EntryOfStore,
  KeyOfSecret,
  PagerDutyReceiver,
  ReceiverProps,
  RoutingSecret,
  SlackReceiver,
  WebhookReceiver,
  WeComReceiver,
} from "./routing/receiver.ts";
export {
  SCRAPE_SECONDS,
  type Scrape,
  type ScrapingObjects,
  type ScrapingProps,
  scrapeShape,
  scraping,
} from "./scraping.ts";
export {
  type ServiceAlertsObjects,
  type ServiceAlertsProps,
  serviceAlertRules,
  serviceAlerts,
} from "./service-alerts.ts";
export {
  ruleFile,
  type ServiceLevelObjects,
  type ServiceLevelProps,
  serviceLevel,
  serviceLevelRules,
  serviceObjectives,
} from "./service-level.ts";
export { ABSENT_DATA_ALERT, BURN_RATE_ALERT } from "./slo/alerts.ts";
export {
  type AnalysisMetric,
  type AnalysisOptions,
  analysisMetric,
  growthMetric,
  isLatency,
} from "./slo/analysis.ts";
export { type BudgetStep, budgetQuery, budgetStep, ERROR_BUDGET_POLICY } from "./slo/budget-policy.ts";
export {
  entryServiceLevel,
  type ServiceSlo,
  type ServiceSloFacts,
  serviceLevelProps,
  serviceSloShape,
} from "./slo/entry.ts";
export {
  type Detection,
  type Evidence,
  type EvidenceOptions,
  evidence,
  type Firing,
  type RungEvidence,
} from "./slo/evidence.ts";
export { type Inhibition, type LabelMatcher, sloInhibitions } from "./slo/inhibition.ts";
export { type LoadTestThresholds, loadTestThresholds } from "./slo/load-test.ts";
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
export type { ServiceLevelProgram } from "./slo/program.ts";
export { RECORDED } from "./slo/recorded.ts";
export { reportPage, type Shown } from "./slo/report.ts";
export { detectionRows, grouped, type Rows, rungRows } from "./slo/rows.ts";
export type { AlertRule, RecordingRule, Rule, RuleGroup } from "./slo/rule.ts";
export { type RuleTestFile, type RuleTestOptions, rulesOf, ruleTests } from "./slo/rule-tests.ts";
export type { AbsenceProps, AlertProps, Rung, RungName, RungProps, Severity } from "./slo/rung.ts";
export {
  type Address,
  type CollectorAgentObjects,
  type CollectorAgentProps,
  type CollectorGatewayObjects,
  type CollectorGatewayProps,
  collectorAgent,
  collectorGateway,
} from "./telemetry/collector.ts";
export type { CollectorConfig } from "./telemetry/collector-config.ts";
export {
  datasourceUids,
  type GrafanaDatasourcesObjects,
  type GrafanaDatasourcesProps,
  grafanaDatasources,
} from "./telemetry/grafana-datasources.ts";
export { type JaegerObjects, type JaegerProps, jaeger, jaegerAddresses, type TraceDisk } from "./telemetry/jaeger.ts";
export type { DaemonSet, StatefulSet } from "./telemetry/kind.ts";
export { type LogBucket, type LokiObjects, type LokiProps, loki } from "./telemetry/loki.ts";
