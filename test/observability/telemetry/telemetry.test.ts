import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { Faults, sentence } from "../../../components/core/fault.ts";
import {
  type CollectorAgentProps,
  type CollectorGatewayProps,
  type ConfigMap,
  collectorAgent,
  collectorGateway,
  grafanaDatasources,
  type JaegerProps,
  jaeger,
  jaegerAddresses,
  type KubernetesObject,
  type LokiProps,
  loki,
  type Objects,
  type StatefulSet,
} from "../../../components/index.ts";
import { metricRegistry } from "../../../components/observability/metric.ts";
import { checkPromql } from "../../../components/observability/promql.ts";
import { faultsOf } from "../../core/faults-of.ts";

const namespace = "shop-telemetry";
const agent = { name: "telemetry-agent", namespace: "shop-agents" };
const gateway = { name: "telemetry-gateway", namespace };
const agentOf = (rest: Partial<CollectorAgentProps> = {}) =>
  collectorAgent({ ...agent, serves: ["shop"], gateway, loki: { name: "loki", namespace }, ...rest });
const gatewayOf = (rest: Partial<CollectorGatewayProps> = {}) =>
  collectorGateway({ ...gateway, agent, jaeger: { name: "jaeger", namespace }, ...rest });
const jaegerOf = (rest: Partial<JaegerProps> = {}) => jaeger({ name: "jaeger", namespace, gateway, ...rest });
const lokiOf = (rest: Partial<LokiProps> = {}) => loki({ name: "loki", namespace, agent, ...rest });

/** What a YAML parser makes of a text that a test knows the form of. */
type Parsed = ReturnType<typeof parse>;

/** A file of a component's configuration. */
function read(objects: Objects, role: string, file: string): Parsed {
  return parse(String((objects[role] as ConfigMap | undefined)?.data?.[file]));
}
const kinds = (objects: Objects, kind: string) =>
  Object.values(objects).flatMap((one) => (one.kind === kind ? [one.metadata.name] : []));

describe("the agent", () => {
  test("runs on every node, and each pod's telemetry stays on its own", () => {
    const objects = agentOf();
    expect(kinds(objects, "Deployment")).toEqual([]);
    expect(objects.daemonSet.spec?.template.spec?.tolerations).toEqual([{ operator: "Exists" }]);
    expect(objects.service.spec?.internalTrafficPolicy).toBe("Local");
  });

  test("may read logs and nothing else of the node", () => {
    const pod = agentOf().daemonSet.spec?.template.spec;
    expect(pod?.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1001, runAsGroup: 0 });
    expect(pod?.volumes?.filter((volume) => volume.hostPath !== undefined)).toEqual([
      { name: "logs", hostPath: { path: "/var/log/pods", type: "Directory" } },
    ]);
    expect(pod?.containers[0]?.volumeMounts).toContainEqual({
      name: "logs",
      mountPath: "/var/log/pods",
      readOnly: true,
    });
    expect(pod?.automountServiceAccountToken).toBe(false);
  });

  test("reads the logs of the namespaces that it serves", () => {
    const { receivers } = read(agentOf({ serves: ["shop", "web"] }), "config", "collector.yaml");
    expect(receivers.filelog.include).toEqual(["/var/log/pods/shop_*/*/*.log", "/var/log/pods/web_*/*/*.log"]);
  });

  test("sends all spans of a trace to one gateway", () => {
    const { loadbalancing } = read(agentOf(), "config", "collector.yaml").exporters;
    expect(loadbalancing.routing_key).toBe("traceID");
    expect(kinds(gatewayOf(), "Service")).toContain(String(loadbalancing.resolver.dns.hostname).split(".")[0]);
  });
});

describe("every pipeline", () => {
  test.each([
    ["agent", agentOf()],
    ["gateway", gatewayOf()],
  ])("of the %s limits its memory first, and sends 256 at most or what came in 100 ms", (_, objects) => {
    const { processors, service } = read(objects, "config", "collector.yaml");
    expect(processors.batch).toEqual({ send_batch_size: 256, send_batch_max_size: 256, timeout: "100ms" });
    for (const [name, pipeline] of Object.entries<Parsed>(service.pipelines)) {
      if (name !== "metrics") expect(pipeline.processors[0]).toBe("memory_limiter");
    }
  });
});

describe("the gateway", () => {
  test("keeps errors, slow traces, and a share of the rest", () => {
    const { policies } = read(gatewayOf({ slow: "1s", share: 5 }), "config", "collector.yaml").processors.tail_sampling;
    expect(policies).toEqual([
      { name: "errors", type: "status_code", status_code: { status_codes: ["ERROR"] } },
      { name: "slow", type: "latency", latency: { threshold_ms: 1000 } },
      { name: "others", type: "probabilistic", probabilistic: { sampling_percentage: 5 } },
    ]);
  });

  test("counts spans before it samples them", () => {
    const { pipelines } = read(gatewayOf(), "config", "collector.yaml").service;
    expect(pipelines["traces/all"]).toMatchObject({ processors: ["memory_limiter"], exporters: ["spanmetrics"] });
  });

  test("ends when the traces that it waits for are decided on", () => {
    const { deployment } = gatewayOf({ wait: "20s" });
    expect(deployment.spec?.template.spec?.terminationGracePeriodSeconds).toBeGreaterThan(30);
  });

  test("exposes span metrics under the labels of scraping, which the rules know", () => {
    const [endpoint] = gatewayOf().spanMonitor.spec.endpoints;
    expect(endpoint).toMatchObject({ port: "span-metrics", honorLabels: true });
    const labels = metricRegistry().series("traces_span_metrics_duration_seconds_bucket")?.labels;
    for (const label of ["job", "namespace", "owner", "span_name", "status_code", "le"])
      expect(labels).toContain(label);
    expect(gatewayOf().spanMonitor.metadata.name).not.toBe(gatewayOf().serviceMonitor?.metadata.name);
  });
});

describe("Jaeger", () => {
  test("in memory is one process", () => {
    expect(kinds(jaegerOf(), "Deployment")).toEqual(["jaeger"]);
    expect(jaegerAddresses({ name: "jaeger", namespace })).toEqual({
      collector: { name: "jaeger", namespace },
      query: { name: "jaeger", namespace },
    });
  });

  test("on a disk is collector, query and storage, and only the storage keeps anything", () => {
    const objects = jaegerOf({ storage: { disk: "20Gi" }, replicas: 3 });
    expect(kinds(objects, "Deployment")).toEqual(["jaeger-collector", "jaeger-query"]);
    const { spec } = objects["storageStatefulSet"] as StatefulSet;
    expect(spec?.replicas).toBe(1);
    expect(spec?.volumeClaimTemplates?.[0]?.spec?.resources?.requests).toEqual({ storage: "20Gi" });
    expect(spec?.template.spec?.volumes?.map(({ name }) => name)).not.toContain("data");
    const { extensions } = read(objects, "collectorConfig", "jaeger.yaml");
    expect(extensions.jaeger_storage.backends.traces.grpc.endpoint).toBe(`jaeger-storage.${namespace}:17271`);
  });

  test("is a StatefulSet whose Service exists", () => {
    const objects = jaegerOf({ storage: { disk: "20Gi" } });
    expect(kinds(objects, "Service")).toContain((objects["storageStatefulSet"] as StatefulSet).spec?.serviceName);
  });
});

describe("Loki", () => {
  const bucket = {
    bucket: "logs",
    host: "s3.example.com",
    region: "eu-central-1",
    secrets: { AWS_ACCESS_KEY_ID: { store: "vault", key: "shop/loki/id" } },
  };

  test("on a disk is alone; on a bucket there are three that find each other", () => {
    expect(read(lokiOf(), "config", "loki.yaml").common).toMatchObject({
      replication_factor: 1,
      ring: { kvstore: { store: "inmemory" } },
    });
    const config = read(lokiOf({ bucket }), "config", "loki.yaml");
    expect(config.common).toMatchObject({ replication_factor: 3, ring: { kvstore: { store: "memberlist" } } });
    expect(config.memberlist.join_members).toEqual([`loki-headless.${namespace}.svc.cluster.local:7946`]);
  });

  test("of three find each other before they are ready, and again after they lost each other", () => {
    const objects = lokiOf({ bucket });
    expect(objects["headless"]).toMatchObject({ spec: { clusterIP: "None", publishNotReadyAddresses: true } });
    expect(read(objects, "config", "loki.yaml").memberlist.rejoin_interval).toBe("1m");
  });

  test("finds logs by few labels; trace and request are metadata of the line", () => {
    const { limits_config } = read(lokiOf(), "config", "loki.yaml");
    expect(limits_config.allow_structured_metadata).toBe(true);
    expect(limits_config.otlp_config.resource_attributes.attributes_config).toEqual([
      {
        action: "index_label",
        attributes: ["service.name", "k8s.namespace.name", "k8s.container.name", "fairlead.owner"],
      },
    ]);
  });

  test("holds no key in its configuration", () => {
    const objects: KubernetesObject[] = Object.values(lokiOf({ bucket }));
    expect(JSON.stringify(objects.filter(({ kind }) => kind === "ConfigMap"))).not.toMatch(/access_key|secret_access/i);
    expect(objects.map(({ kind }) => kind)).toContain("ExternalSecret");
  });

  test("of several pods without a bucket is refused", () => {
    expect(faultsOf(() => lokiOf({ replicas: 2 })).map(sentence)).toEqual([
      expect.stringContaining("loki: replicas is 2, but each pod would keep the logs of its own disk only"),
    ]);
  });
});

test("Grafana gets from a metric to its trace, from a log to its trace, and from a span to its logs", () => {
  const { datasources } = grafanaDatasources({
    name: "grafana-datasources",
    namespace,
    prometheus: "http://prometheus:9090",
    jaeger: "http://jaeger:16686",
    loki: "http://loki:3100",
  });
  expect(datasources.metadata.labels).toMatchObject({ grafana_datasource: "1" });
  const [text = ""] = Object.values(datasources.data ?? {});
  const sources: readonly Parsed[] = parse(String(text)).datasources;
  const source = (type: string) => sources.find((one) => one.type === type);
  const uid = { jaeger: source("jaeger").uid, loki: source("loki").uid };
  expect(source("prometheus").jsonData.exemplarTraceIdDestinations).toEqual([
    { name: "trace_id", datasourceUid: uid.jaeger },
  ]);
  expect(source("loki").jsonData.derivedFields[0]).toMatchObject({
    matcherRegex: "trace_id",
    datasourceUid: uid.jaeger,
  });
  expect(source("jaeger").jsonData.tracesToLogsV2).toMatchObject({ datasourceUid: uid.loki });
  expect(source("jaeger").jsonData.tracesToLogsV2.query).toMatch(
    /service_name="\$\{__span\.tags\["service\.name"\]\}"/,
  );
});

test("what Grafana asks Prometheus about a span's service is PromQL for metrics that exist", () => {
  const { datasources } = grafanaDatasources({ name: "d", namespace, prometheus: "p", jaeger: "j", loki: "l" });
  const [text = ""] = Object.values(datasources.data ?? {});
  const jaegerSource = parse(String(text)).datasources.find((one: Parsed) => one.type === "jaeger");
  const faults = new Faults("datasources");
  for (const { query } of jaegerSource.jsonData.tracesToMetrics.queries)
    checkPromql(faults, "query", String(query).replace("$__tags", 'job="order"'), metricRegistry());
  expect(faults.found).toEqual([]);
});

test.each<readonly [string, () => unknown, string]>([
  ["an agent that serves nobody", () => agentOf({ serves: [] }), "telemetry-agent: serves"],
  ["a share above all", () => gatewayOf({ share: 200 }), "telemetry-gateway: share is 200"],
  ["no span of time", () => gatewayOf({ slow: "soon" }), 'telemetry-gateway: slow is "soon", but it is no duration'],
  ["no quantity", () => jaegerOf({ storage: { disk: "much" } }), "jaeger: storage"],
])("%s is refused", (_, build, said) => {
  expect(faultsOf(build).map(sentence).join()).toContain(said);
});
