// The public API: pure functions and their types. No engine is loaded; classes for Pulumi are in "fairlead/pulumi".
export * from "./catalogue.ts";
export { type Delivered, type EventScaled, type Rollouts, rolloutsShape } from "./catalogue-delivery.ts";
export { loadTests } from "./catalogue-load.ts";
export { type EntryCall, type Limited, meshMembers, type PolicyCall } from "./catalogue-mesh.ts";
export { type Override, overrideShape } from "./catalogue-override.ts";
export { serviceLevels, type Telemetry, type Watched } from "./catalogue-telemetry.ts";
export type { EnvironmentGateway, Routed } from "./catalogue-traffic.ts";
export type { Call, Caller, HostCall, ServiceCall, ServiceCaller } from "./core/call.ts";
export type { Breaker, CallPolicy, Retries } from "./core/call-policy.ts";
export type { Duration } from "./core/duration.ts";
export {
  type Delivery,
  type Environment,
  type Member,
  type Owner,
  type Placed,
  type Program,
  placed,
  type Settings,
} from "./core/environment.ts";
export { didYouMean, type Fault, FaultError, Faults, gather, nearest, sentence } from "./core/fault.ts";
export { type ForeignFields, foreignFields } from "./core/foreign-fields.ts";
export { checkEnvironment, environmentFaults } from "./core/invariants/index.ts";
export type * from "./core/kind.ts";
export {
  identity,
  isOutput,
  type KubernetesObject,
  type Leaf,
  type Manifest,
  type Metadata,
  type Objects,
  present,
  type Resource,
} from "./core/object.ts";
export type { Quantity } from "./core/quantity.ts";
export { type EventScalingObjects, eventScaling } from "./delivery/event-scaling.ts";
export type {
  CronTrigger,
  EventScale,
  EventScalingProps,
  KafkaTrigger,
  PrometheusTrigger,
  RabbitTrigger,
  Trigger,
} from "./delivery/event-scaling-props.ts";
export { type Funnel, funnel } from "./delivery/funnel.ts";
export * from "./delivery/index.ts";
export type { AnalysisTemplate, Rollout, ScaledObject, TriggerAuthentication } from "./delivery/kind.ts";
export { type RolloutObjects, rollout } from "./delivery/rollout.ts";
export type {
  Analysis,
  BlueGreen,
  Canary,
  CanaryStep,
  HeaderMatch,
  Move,
  RolloutProps,
  RolloutStrategy,
  Router,
  Smoke,
} from "./delivery/rollout-props.ts";
export {
  type ImageProps,
  type WorkflowProgram,
  type WorkflowsProps,
  workflows,
  workflowText,
} from "./delivery/workflow/index.ts";
export * from "./observability/index.ts";
export {
  type SecretStore,
  type SecretStoreObjects,
  type SecretStoreProps,
  secretStore,
  type VaultStore,
} from "./policy/secret-store.ts";
export {
  type PodSecurity,
  type Quota,
  type TeamNamespaceObjects,
  type TeamNamespaceProps,
  teamNamespace,
} from "./policy/team-namespace.ts";
export * from "./traffic/index.ts";
export * from "./traffic/mesh/index.ts";
export type { Adopted, AdoptedRole } from "./workload/adopted.ts";
export type { PodMetric, Scale } from "./workload/autoscaler.ts";
export type { ConfigFile, ConfigFiles, ConfigTree, ConfigValue } from "./workload/config.ts";
export type { CompanionProps, Security } from "./workload/container.ts";
export { type CronJobObjects, type CronJobProps, cronJob } from "./workload/cron-job.ts";
export type { Disruption } from "./workload/disruption-budget.ts";
export type { GoRuntime } from "./workload/go-runtime.ts";
export type { Grpc } from "./workload/grpc.ts";
export { type MicroserviceObjects, type MicroserviceProps, microservice, type Ports } from "./workload/microservice.ts";
export { articleProbes, type ProbeProps, type Probes, type ProbeTiming } from "./workload/probe.ts";
export type { Resources } from "./workload/resources.ts";
export type {
  ExternalSecret,
  SecretFromCluster,
  SecretFromEngine,
  SecretFromStore,
  SecretSource,
  Secrets,
} from "./workload/secret.ts";
export type { Stopping } from "./workload/stopping.ts";
export { type WorkerObjects, type WorkerProps, worker } from "./workload/worker.ts";
export type { Debug, WorkloadProps, WritableVolume } from "./workload/workload.ts";
