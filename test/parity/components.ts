import * as pulumi from "@pulumi/pulumi";
import type { Objects } from "../../components/core/object.ts";
import {
  addOnApplications,
  addOns,
  alertResponder,
  alertRouting,
  application,
  applicationSet,
  appProject,
  certificate,
  cronJob,
  deliveryNotifications,
  edgePlugin,
  externalHosts,
  gateway,
  issuer,
  jaeger,
  meshClient,
  meshNamespace,
  meshService,
  microservice,
  referenceGrant,
  rollout,
  route,
  scraping,
  secretStore,
  serviceAlerts,
  serviceLevel,
  teamNamespace,
  worker,
} from "../../components/index.ts";
import { addOnApplicationsExample, addOnsExample } from "../../examples/components/add-ons.ts";
import { alertResponderExample } from "../../examples/components/alert-responder.ts";
import { alertRoutingExample } from "../../examples/components/alert-routing.ts";
import { appProjectExample } from "../../examples/components/app-project.ts";
import { applicationExample } from "../../examples/components/application.ts";
import { applicationSetExample } from "../../examples/components/application-set.ts";
import { cronJobExample } from "../../examples/components/cron-job.ts";
import { dashboardsExample } from "../../examples/components/dashboards.ts";
import { deliveryNotificationsExample } from "../../examples/components/delivery-notifications.ts";
import { eventScalingExample } from "../../examples/components/event-scaling.ts";
import {
  certificateExample,
  gatewayExample,
  issuerExample,
  referenceGrantExample,
} from "../../examples/components/gateway.ts";
import {
  ambientNamespaceExample,
  edgePluginExample,
  externalHostsExample,
  meshClientExample,
  meshNamespaceExample,
  meshServiceExample,
} from "../../examples/components/mesh.ts";
import { microserviceExample } from "../../examples/components/microservice.ts";
import { blueGreenExample, rolloutExample } from "../../examples/components/rollout.ts";
import { ingressExample, routeExample } from "../../examples/components/route.ts";
import { scrapingExample } from "../../examples/components/scraping.ts";
import { secretStoreExample } from "../../examples/components/secret-store.ts";
import { serviceAlertsExample } from "../../examples/components/service-alerts.ts";
import { serviceLevelExample } from "../../examples/components/service-level.ts";
import { teamNamespaceExample } from "../../examples/components/team-namespace.ts";
import {
  collectorAgentExample,
  collectorGatewayExample,
  grafanaDatasourcesExample,
  jaegerExample,
  lokiExample,
} from "../../examples/components/telemetry.ts";
import { workerExample } from "../../examples/components/worker.ts";
import { addOnRows, git, set } from "../delivery/props.ts";
import { EVERY_KIND, OWN_METRICS, order } from "../observability/order.ts";
import { everyReceiver } from "../observability/routing.ts";
import { watchedService } from "../observability/watched.ts";

const edgePluginModule = `oci://registry.example.com/shop/tag@sha256:${"0".repeat(64)}`;
const facts = { namespace: "shop", owner: "checkout", image: "registry.example.com/shop/order:1.0.0" };
const full = {
  ...facts,
  partOf: "shop",
  version: "1.0.0",
  calls: ["user", { service: "search", namespace: "other", ports: [9090] }, { host: "api.example.com" }],
  config: {
    "order.yaml": { content: { timeout: "3s", flags: { yes: "no", number: "007" } } },
  },
  variables: { LOG_LEVEL: "debug", EMPTY: "", LINES: "a\nb\n" },
  resources: { requests: { cpu: "200m" }, limits: { memory: "256Mi" } },
  volumes: { labels: { path: "/var/lib/labels", size: "128Mi" } },
};

/** A row for every component, with the fewest props and with many. A new component adds its rows here. */
export const components: Readonly<Record<string, () => Objects>> = {
  "a microservice": () => microservice({ ...facts, name: "order", ports: { http: 8080 } }),
  "a microservice with everything": () =>
    microservice({
      ...full,
      name: "order",
      ports: { http: 8080, grpc: 9090, metrics: 9100 },
      scale: { min: 2, max: 8 },
      calledBy: ["web", { namespace: "monitoring" }],
      secrets: { DATABASE_URL: { store: "vault", key: "shop/order/database-url" } },
      spread: "required",
      debug: { pprof: true },
    }),
  "a microservice with an image and a secret that only the engine knows": () =>
    microservice({
      ...facts,
      name: "order",
      image: pulumi.output("registry.example.com/shop/order@sha256:0123"),
      ports: { http: 8080 },
      secrets: { DATABASE_URL: { value: pulumi.secret("postgres://order") } },
    }),
  "a microservice that was something else before": () =>
    microservice({
      ...full,
      name: "order",
      ports: { http: 8080, grpc: 9090 },
      adopted: {
        selector: { app: "order" },
        names: { service: "order-svc", variables: "order-env", deployment: "order-deployment" },
        servicePorts: { http: 80 },
        configPath: "/app/config",
        openNetwork: true,
      },
    }),
  "a worker": () => worker({ ...facts, name: "notifier" }),
  "a worker with everything": () => worker({ ...full, name: "notifier", metricsPort: 9100, scale: { min: 1, max: 4 } }),
  "a cron job": () => cronJob({ ...facts, name: "reconcile", schedule: "0 3 * * *" }),
  "a cron job with everything": () =>
    cronJob({ ...full, name: "reconcile", schedule: "@daily", deadline: "30m", retries: 0, suspended: true }),
  "a team namespace": () => teamNamespace({ name: "shop" }),
  "a team namespace with everything": () =>
    teamNamespace({
      name: "shop",
      owner: "checkout",
      partOf: "shop",
      quota: { cpu: "4", memory: "4Gi", pods: 40 },
      podSecurity: "baseline",
      labels: { "istio-injection": "enabled" },
    }),
  "an alert responder": () =>
    alertResponder({
      ...facts,
      name: "responder",
      services: { order: microservice({ ...facts, name: "order", ports: { http: 8080 } }) },
      steps: { scale: { max: 6 } },
      token: { secret: "responder", key: "token" },
    }),
  "an alert responder as in its example": () => alertResponderExample,
  "alert routing": () =>
    alertRouting({
      name: "alerting",
      namespace: "shop",
      owner: "platform",
      receivers: { hook: { webhook: { url: "https://example.com/alerts" } } },
      owners: { checkout: { page: ["hook"], ticket: ["hook"] } },
      fallback: ["hook"],
    }),
  "alert routing with everything": () => alertRouting(everyReceiver()),
  "a service level": () => serviceLevel(order()),
  "a service level with everything": () => serviceLevel(order({ objectives: EVERY_KIND, metrics: OWN_METRICS })),
  "service alerts": () => serviceAlerts({ name: "order", namespace: "shop", owner: "checkout" }),
  "service alerts with everything": () => serviceAlerts(watchedService()),
  "a secret store": () =>
    secretStore({ name: "vault", namespace: "shop", vault: { server: "https://vault.example.com", role: "shop" } }),
  "a secret store of placeholders": () =>
    secretStore({ name: "vault", namespace: "shop", placeholders: { "shop/order/database-url": "placeholder" } }),
  "an app project": () =>
    appProject({
      name: "checkout",
      namespace: "argocd",
      owner: "checkout",
      repositories: [git.repository],
      namespaces: ["shop"],
      kinds: [{ group: "apps", kind: "Deployment" }],
    }),
  "an app project as in its example": () => appProjectExample,
  "an application": () =>
    application({
      ...git,
      name: "order",
      owner: "checkout",
      project: "checkout",
      folder: "deploy/prod/order",
      target: "shop",
    }),
  "an application as in its example": () => applicationExample,
  "an application set": () => applicationSet(set()),
  "an application set as in its example": () => applicationSetExample,
  "add ons": () => addOns(addOnRows({})),
  "add ons as in their example": () => addOnsExample,
  "applications of add ons": () => addOnApplications(addOnRows({})),
  "applications of add ons as in their example": () => addOnApplicationsExample,
  "delivery notifications": () =>
    deliveryNotifications({
      name: "notifications",
      namespace: "argocd",
      owner: "platform",
      alertmanagers: ["alertmanager:9093"],
    }),
  "delivery notifications as in their example": () => deliveryNotificationsExample,
  "a cron job as in its example": () => cronJobExample,
  "a microservice as in its example": () => microserviceExample,
  "a secret store as in its example": () => secretStoreExample,
  "alert routing as in its example": () => alertRoutingExample,
  "service alerts as in its example": () => serviceAlertsExample,
  "a service level as in its example": () => serviceLevelExample,
  "a team namespace as in its example": () => teamNamespaceExample,
  "a worker as in its example": () => workerExample,
  "a scraping": () =>
    scraping({ name: "notifier", objects: worker({ ...facts, name: "notifier", metricsPort: 9100 }) }),
  "a scraping as in its example": () => scrapingExample,
  "a collector agent as in its example": () => collectorAgentExample,
  "a collector gateway as in its example": () => collectorGatewayExample,
  "grafana datasources as in their example": () => grafanaDatasourcesExample,
  "dashboards as in their example": () => dashboardsExample,
  "jaeger as in its example": () => jaegerExample,
  "jaeger in memory": () =>
    jaeger({ name: "jaeger", namespace: "telemetry", gateway: { name: "gateway", namespace: "telemetry" } }),
  "event scaling as in its example": () => eventScalingExample,
  "a rollout": () =>
    rollout({
      name: "order",
      objects: microservice({ ...facts, name: "order", ports: { http: 8080 } }),
      blueGreen: {},
      analysis: false,
    }),
  "a rollout as in its example": () => rolloutExample,
  "a rollout that switches at once": () => blueGreenExample,
  "loki as in its example": () => lokiExample,
  "a gateway": () =>
    gateway({
      name: "edge",
      namespace: "edge",
      class: "envoy",
      hosts: { shop: { host: "shop.example.com", certificate: false } },
    }),
  "a gateway as in its example": () => gatewayExample,
  "a route": () =>
    route({
      name: "order",
      namespace: "shop",
      ports: { http: 8080 },
      route: { host: "shop.example.com" },
      gateway: { name: "edge", namespace: "edge", listeners: { shop: "shop.example.com" } },
    }),
  "a route as in its example": () => routeExample,
  "a route of a cluster without Gateway API as in its example": () => ingressExample,
  "a certificate": () =>
    certificate({
      name: "tls",
      namespace: "shop",
      owner: "checkout",
      hosts: ["a.example.com"],
      issuer: { name: "ca" },
    }),
  "a certificate as in its example": () => certificateExample,
  "an issuer that signs by itself": () => issuer({ name: "self-signed", selfSigned: true }),
  "an issuer as in its example": () => issuerExample,
  "a reference grant": () =>
    referenceGrant({
      name: "tls",
      namespace: "shop",
      from: [{ kind: "Gateway", namespace: "edge" }],
      to: { kind: "Secret", names: ["tls"] },
    }),
  "a reference grant as in its example": () => referenceGrantExample,
  "a mesh namespace": () => meshNamespace({ name: "mesh", namespace: "shop", mesh: { mode: "sidecar" } }),
  "a mesh namespace as in its example": () => meshNamespaceExample,
  "a mesh namespace with a waypoint": () => ambientNamespaceExample,
  "a mesh service": () =>
    meshService({ name: "user", namespace: "shop", mesh: { mode: "ambient" }, ports: { http: 8080 }, callers: [] }),
  "a mesh service as in its example": () => meshServiceExample,
  "a mesh client": () => meshClient({ name: "order", namespace: "shop", mesh: { mode: "sidecar" }, calls: [] }),
  "a mesh client as in its example": () => meshClientExample,
  "external hosts": () =>
    externalHosts({
      name: "hosts",
      namespace: "shop",
      mesh: { mode: "ambient" },
      hosts: [{ host: "api.example.com" }],
    }),
  "external hosts as in their example": () => externalHostsExample,
  "an edge plugin": () => edgePlugin({ name: "tag", namespace: "edge", gateway: "shop", module: edgePluginModule }),
  "an edge plugin as in its example": () => edgePluginExample,
};
