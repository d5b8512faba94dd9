export {
  type AddOn,
  type AddOnApplications,
  type AddOnsObjects,
  type AddOnsProps,
  addOnApplications,
  addOns,
} from "./add-ons.ts";
export { type AppProjectObjects, type AppProjectProps, appProject, type KindOfGroup } from "./app-project.ts";
export { type ApplicationObjects, type ApplicationProps, application } from "./application.ts";
export {
  type ApplicationSetObjects,
  type ApplicationSetProps,
  applicationSet,
  type DeliveredComponent,
  type DeliveredEnvironment,
} from "./application-set.ts";
export { type GitopsProps, gitops, type ProjectBounds } from "./gitops.ts";
export type { Application, ApplicationSet, AppProject } from "./kind.ts";
export {
  type DeliveryNotificationsObjects,
  type DeliveryNotificationsProps,
  deliveryNotifications,
} from "./notifications.ts";
export { type HostBuild, type ServiceImagePlan, type ServiceImageProps, serviceImage } from "./service-image.ts";
export type { Cluster, GitSource } from "./source.ts";
export { syncWaves } from "./sync-waves.ts";
