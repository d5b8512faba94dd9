import { type ServiceAlertsObjects, serviceAlerts } from "../../components/index.ts";

/** Alerts of an order service with a database: one is louder than by default, one is off. */
export const serviceAlertsExample: ServiceAlertsObjects = serviceAlerts({
  name: "order",
  namespace: "shop",
  owner: "checkout",
  protocols: ["http", "grpc"],
  autoscaled: true,
  certificates: ["shop-tls"],
  backing: { database: { postgres: "order-db" }, events: { kafka: { group: "order", topic: "orders" } } },
  alerts: { autoscalerAtMaximum: { severity: "page" }, gcPressure: false },
});
