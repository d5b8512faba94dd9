// Components as classes for Pulumi, so that any stack uses them as it uses any component. Pure functions are in "fairlead".
export { Component, type ComponentOptions, type ResourcesOf, type RoleOptions } from "./component.ts";
export { EventScaling, Rollout } from "./delivery.ts";
export { deploy } from "./deploy.ts";
export { AddOns, Application, ApplicationSet, AppProject, DeliveryNotifications } from "./gitops.ts";
export { EdgePlugin, ExternalHosts, MeshClient, MeshNamespace, MeshService } from "./mesh.ts";
export { AlertResponder, AlertRouting, ServiceAlerts, ServiceLevel } from "./observability.ts";
export { SecretStore, TeamNamespace } from "./policy.ts";
export { runProgram, stackSettings } from "./program.ts";
export type { ResourceOf } from "./resource.ts";
export { ServiceImage, type ServiceImageArgs } from "./service-image.ts";
export {
  CollectorAgent,
  CollectorGateway,
  Dashboards,
  GrafanaDatasources,
  Jaeger,
  Loki,
  Scraping,
} from "./telemetry.ts";
export { Certificate, Gateway, Issuer, ReferenceGrant, Route } from "./traffic.ts";
export { CronJob, Microservice, Worker } from "./workload.ts";
