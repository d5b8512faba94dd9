import { type DashboardsObjects, dashboards, datasourceUids } from "../../components/index.ts";

/** Service levels, services and load tests of the shop, for Grafana's sidecar. */
export const dashboardsExample: DashboardsObjects = dashboards({
  name: "grafana-dashboards",
  namespace: "shop-telemetry",
  watched: "shop",
  prometheus: datasourceUids("shop-telemetry").prometheus,
});
