import {
  collectorAgent,
  collectorGateway,
  dashboards,
  datasourceUids,
  grafanaDatasources,
  jaeger,
  jaegerAddresses,
  loki,
  type Member,
  secretStore,
  type Telemetry,
  teamNamespace,
} from "../components/index.ts";
import type { EnvironmentRow } from "./environments.ts";

const partOf = "shop";
const owner = "platform";

/** Where traces and logs go; and what reads the nodes' logs, apart, because its namespace must admit host folders. */
const places = ({ namespace }: EnvironmentRow) => ({
  telemetry: `${namespace}-telemetry`,
  agents: `${namespace}-agents`,
});

/** What the services must know of it. */
export function telemetryOf(row: EnvironmentRow, environment: string): Telemetry {
  return { agent: { name: "telemetry-agent", namespace: places(row).agents }, environment };
}

/** Collectors, Jaeger and Loki of one environment, and Grafana's way from one to the other. */
export function telemetry(row: EnvironmentRow): Readonly<Record<string, Member>> {
  const { telemetry: namespace, agents } = places(row);
  const agent = { name: "telemetry-agent", namespace: agents };
  const gateway = { name: "telemetry-gateway", namespace };
  const logs = { name: "loki", namespace };
  const common = { namespace, partOf, owner };
  const traces = { ...common, name: "jaeger", gateway, storage: row.traces };
  const { collector, query } = jaegerAddresses(traces);
  const member = (type: string, objects: Member["objects"]): Member => ({ type: `fairlead:${type}`, objects });
  return {
    "telemetry-namespace": member(
      "policy:TeamNamespace",
      teamNamespace({ name: namespace, partOf, owner, podSecurity: row.podSecurity }),
    ),
    "agents-namespace": member(
      "policy:TeamNamespace",
      teamNamespace({ name: agents, partOf, owner, podSecurity: "privileged" }),
    ),
    ...(row.logs === "disk" || row.vault === "placeholders"
      ? {}
      : {
          "telemetry-vault": member(
            "policy:SecretStore",
            secretStore({ name: "telemetry-vault", namespace, partOf, vault: row.vault }),
          ),
        }),
    "telemetry-agent": member(
      "observability:CollectorAgent",
      collectorAgent({ ...agent, partOf, owner, serves: [row.namespace], gateway, loki: logs }),
    ),
    "telemetry-gateway": member(
      "observability:CollectorGateway",
      collectorGateway({ ...common, name: gateway.name, agent, jaeger: collector, replicas: row.replicas }),
    ),
    jaeger: member("observability:Jaeger", jaeger(traces)),
    loki: member(
      "observability:Loki",
      loki({ ...common, name: logs.name, agent, ...(row.logs === "disk" ? {} : { bucket: bucket(row.logs) }) }),
    ),
    "grafana-datasources": member(
      "observability:GrafanaDatasources",
      grafanaDatasources({
        ...common,
        name: "grafana-datasources",
        prometheus: "http://prometheus-operated.monitoring:9090",
        jaeger: `http://${query.name}.${namespace}:16686`,
        loki: `http://${logs.name}.${namespace}:3100`,
      }),
    ),
    "grafana-dashboards": member(
      "observability:Dashboards",
      dashboards({
        ...common,
        name: "grafana-dashboards",
        watched: row.namespace,
        prometheus: datasourceUids(namespace).prometheus,
      }),
    ),
  };
}

function bucket(name: string) {
  const key = (property: string) => ({ store: "telemetry-vault", key: `shop/loki/${property}` });
  return {
    bucket: name,
    host: "s3.example.com",
    region: "eu-central-1",
    secrets: { AWS_ACCESS_KEY_ID: key("access-key-id"), AWS_SECRET_ACCESS_KEY: key("secret-access-key") },
  };
}
