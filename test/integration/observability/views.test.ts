import { afterAll, beforeAll, expect, test } from "vitest";
import type { ServiceMonitor } from "../../../components/index.ts";
import { gatewayConfig } from "../../../components/observability/telemetry/collector-config.ts";
import { dashboardFiles } from "../../../dashboards/index.ts";
import { program } from "../../../infra/program.ts";
import { eventually, openPipeline, otlpSpan, type Pipeline, sendSpan } from "./pipeline.ts";

let pipeline: Pipeline;
let ask: Awaited<ReturnType<Pipeline["prometheus"]>>;
let gateway: Awaited<ReturnType<Pipeline["ports"]>>;

const TRACE = "a".repeat(32);

/** What the operator makes of a monitor's endpoint, without what only discovery in a cluster gives. */
function scrapeJob(monitor: ServiceMonitor, target: string): unknown {
  const [endpoint] = monitor.spec.endpoints;
  return {
    job_name: "gateway",
    metrics_path: endpoint?.path,
    honor_labels: endpoint?.honorLabels ?? false,
    sample_limit: monitor.spec.sampleLimit,
    label_limit: monitor.spec.labelLimit,
    static_configs: [{ targets: [target], labels: { namespace: "shop-dev-telemetry", pod: "telemetry-gateway-0" } }],
    metric_relabel_configs: (endpoint?.metricRelabelings ?? []).map(({ action, sourceLabels, regex, targetLabel }) => ({
      ...(action === undefined ? {} : { action }),
      ...(sourceLabels === undefined ? {} : { source_labels: sourceLabels }),
      ...(regex === undefined ? {} : { regex }),
      ...(targetLabel === undefined ? {} : { target_label: targetLabel }),
    })),
  };
}

beforeAll(async () => {
  pipeline = await openPipeline();
  gateway = await pipeline.ports(4317, 4318, 13133, 8888, 8889);
  const config = gatewayConfig({ jaeger: "127.0.0.1:1", slow: 500, share: 0, wait: 1 });
  const often = { connectors: { spanmetrics: { metrics_flush_interval: "1s" } } };
  await pipeline.start("gateway", "otelcol", config, gateway, often);
  const monitor = program.build("dev", {}).members["telemetry-gateway"]?.objects["spanMonitor"] as ServiceMonitor;
  ask = await pipeline.prometheus([scrapeJob(monitor, `127.0.0.1:${gateway.get(8889)}`)]);
});
afterAll(() => pipeline.close());

test("a span is counted by a real Prometheus under the names of its service, its namespace and its owner", async () => {
  const labels = await eventually(async () => {
    await sendSpan(gateway.get(4318), otlpSpan("order", TRACE, { milliseconds: 12 }));
    const query = 'traces_span_metrics_calls_total{job="order",namespace="shop",owner="checkout"}';
    const { result } = (await ask("/api/v1/query", { query })) as {
      readonly result: readonly { readonly metric: Readonly<Record<string, string>> }[];
    };
    return result[0]?.metric;
  });
  expect(labels).toMatchObject({ span_name: "GET /orders", span_kind: "SPAN_KIND_SERVER", pod: "telemetry-gateway-0" });
  for (const renamed of ["service_name", "k8s_namespace_name", "fairlead_owner"])
    expect(labels).not.toHaveProperty(renamed);
});

test("a duration leads to its trace", async () => {
  const found = await eventually(async () => {
    await sendSpan(gateway.get(4318), otlpSpan("order", TRACE, { milliseconds: 12 }));
    const data = (await ask("/api/v1/query_exemplars", {
      query: 'traces_span_metrics_duration_seconds_bucket{job="order"}',
      start: String(Date.now() / 1000 - 600),
      end: String(Date.now() / 1000 + 600),
    })) as readonly { readonly exemplars: readonly { readonly labels: Readonly<Record<string, string>> }[] }[];
    return data[0]?.exemplars[0]?.labels;
  });
  expect(found).toMatchObject({ trace_id: TRACE });
});

/** Every expression anywhere in a dashboard. */
function expressions(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(expressions);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === "expr" && typeof inner === "string" ? [inner] : expressions(inner),
  );
}

test("a real Prometheus takes every query of every dashboard, and none that is broken", async () => {
  const all = expressions(Object.values(dashboardFiles()).map((one) => JSON.parse(JSON.stringify(one))));
  expect(all.length).toBeGreaterThan(30);
  for (const expression of all) {
    const query = expression.replaceAll("$__rate_interval", "5m");
    await expect(ask("/api/v1/query", { query }), query).resolves.toBeDefined();
  }
  await expect(ask("/api/v1/query", { query: "sum(rate(up[5m])" })).rejects.toThrow("parse error");
});
