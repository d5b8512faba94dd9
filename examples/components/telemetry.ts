import {
  type CollectorAgentObjects,
  type CollectorGatewayObjects,
  collectorAgent,
  collectorGateway,
  type GrafanaDatasourcesObjects,
  grafanaDatasources,
  type JaegerObjects,
  jaeger,
  jaegerAddresses,
  type LokiObjects,
  loki,
} from "../../components/index.ts";

const namespace = "shop-telemetry";
const agent = { name: "telemetry-agent", namespace: "shop-agents" };
const gateway = { name: "telemetry-gateway", namespace };
const logs = { name: "loki", namespace };
const traces = { name: "jaeger", namespace, gateway, storage: { disk: "20Gi" } };
const { collector, query } = jaegerAddresses(traces);

/** On each node: takes OTLP from the shop's pods and reads their logs. */
export const collectorAgentExample: CollectorAgentObjects = collectorAgent({
  ...agent,
  serves: ["shop"],
  gateway,
  loki: logs,
});

/** Keeps every failed trace and every one above a second, and one in twenty of the rest. */
export const collectorGatewayExample: CollectorGatewayObjects = collectorGateway({
  ...gateway,
  agent,
  jaeger: collector,
  slow: "1s",
  share: 5,
});

/** Collector, query and storage apart. */
export const jaegerExample: JaegerObjects = jaeger(traces);

/** Logs on one disk, for a week. */
export const lokiExample: LokiObjects = loki({ ...logs, agent, disk: "50Gi" });

/** From a metric to its trace, and from there to the logs. */
export const grafanaDatasourcesExample: GrafanaDatasourcesObjects = grafanaDatasources({
  name: "grafana-datasources",
  namespace,
  prometheus: "http://prometheus-operated.monitoring:9090",
  jaeger: `http://${query.name}.${namespace}:16686`,
  loki: `http://${logs.name}.${namespace}:3100`,
});
