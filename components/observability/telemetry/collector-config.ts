import type { ConfigTree } from "../../workload/config.ts";
import { attributeLabel, attributeOf, LABEL_MAP } from "../label-map.ts";
import { OTEL_SECONDS } from "../metric-table.ts";
import { SCRAPE_SECONDS } from "../scraping.ts";

/** A collector's configuration: what it receives, what it does with it, and where it sends it. https://opentelemetry.io/docs/collector/configuration/ */
export type CollectorConfig = {
  readonly extensions: ConfigTree;
  readonly receivers: ConfigTree;
  readonly processors: ConfigTree;
  readonly connectors?: ConfigTree;
  readonly exporters: ConfigTree;
  readonly service: ConfigTree;
};

/** Ports of every collector. */
export const OTLP_GRPC = 4317;
export const OTLP_HTTP = 4318;
export const HEALTH_PORT = 13_133;
export const OWN_METRICS_PORT = 8888;
export const SPAN_METRICS_PORT = 8889;

/** Where the agent keeps how far it has read. */
export const OFFSETS = "/var/lib/otelcol";

// Refuses before the kernel kills: above four fifths of the memory limit data is thrown back at the sender, who tries again.
const MEMORY_LIMITER = { check_interval: "1s", limit_percentage: 80, spike_limit_percentage: 20 };
/** The articles' figures: 256 spans or 100 ms, whichever comes first. */
const BATCH = { send_batch_size: 256, send_batch_max_size: 256, timeout: "100ms" };

const OTLP_RECEIVER = {
  protocols: {
    grpc: { endpoint: `0.0.0.0:${OTLP_GRPC}` },
    http: { endpoint: `0.0.0.0:${OTLP_HTTP}` },
  },
};

/** Health and metrics of the collector itself; its logs are JSON as everybody's. */
export const OWN_TELEMETRY: ConfigTree = {
  logs: { encoding: "json" },
  metrics: {
    readers: [{ pull: { exporter: { prometheus: { host: "0.0.0.0", port: OWN_METRICS_PORT } } } }],
  },
};
const HEALTH = { endpoint: `0.0.0.0:${HEALTH_PORT}` };

export interface AgentConfigFacts {
  /** Namespaces whose pods' logs are read. */
  readonly logsOf: readonly string[];
  /** The gateway's headless name: all spans of a trace go to one of its pods. */
  readonly gateway: string;
  /** Where logs go to, such as "http://loki.shop-telemetry:3100". */
  readonly loki: string;
}

/** On each node: takes the programs' OTLP, reads the containers' logs, and keeps neither. */
export function agentConfig({ logsOf, gateway, loki }: AgentConfigFacts): CollectorConfig {
  return {
    extensions: { health_check: HEALTH, file_storage: { directory: OFFSETS } },
    receivers: { otlp: OTLP_RECEIVER, filelog: logReceiver(logsOf) },
    processors: { memory_limiter: MEMORY_LIMITER, batch: BATCH },
    exporters: {
      loadbalancing: {
        routing_key: "traceID",
        protocol: { otlp: { tls: { insecure: true }, timeout: "5s" } },
        resolver: { dns: { hostname: gateway, port: String(OTLP_GRPC) } },
      },
      "otlphttp/loki": { endpoint: `${loki}/otlp` },
    },
    service: {
      extensions: ["health_check", "file_storage"],
      telemetry: OWN_TELEMETRY,
      pipelines: {
        traces: { receivers: ["otlp"], processors: ["memory_limiter", "batch"], exporters: ["loadbalancing"] },
        logs: {
          receivers: ["otlp", "filelog"],
          processors: ["memory_limiter", "batch"],
          exporters: ["otlphttp/loki"],
        },
      },
    },
  };
}

/** JSON logs of containers: level, trace and message become what they are; request_id and the rest stay attributes. */
export function logReceiver(namespaces: readonly string[], root = "/var/log/pods"): ConfigTree {
  return {
    include: namespaces.map((namespace) => `${root}/${namespace}_*/*/*.log`),
    include_file_path: true,
    include_file_name: false,
    // A new agent reads again what the old one read; Loki drops lines that it has.
    start_at: "beginning",
    storage: "file_storage",
    retry_on_failure: { enabled: true },
    operators: [
      { type: "container" },
      {
        type: "copy",
        from: `resource["${attributeOf("container")}"]`,
        to: `resource["${attributeOf("job")}"]`,
      },
      { type: "json_parser", if: 'body matches "^\\\\s*[{]"', on_error: "send_quiet" },
      {
        type: "severity_parser",
        if: "attributes.level != nil",
        parse_from: "attributes.level",
        on_error: "send_quiet",
      },
      {
        type: "trace_parser",
        if: 'attributes.trace_id != nil and attributes.trace_id matches "^[0-9a-f]{32}$"',
        trace_id: { parse_from: "attributes.trace_id" },
        span_id: { parse_from: "attributes.span_id" },
        on_error: "send_quiet",
      },
      { type: "move", if: "attributes.message != nil", from: "attributes.message", to: "body" },
    ],
  };
}

export interface GatewayConfigFacts {
  /** Where traces go to, such as "jaeger-collector.shop-telemetry:4317". */
  readonly jaeger: string;
  /** Traces that last longer are kept, in milliseconds. */
  readonly slow: number;
  /** How many of the others are kept, in percent. */
  readonly share: number;
  /** How long spans of one trace are waited for, in seconds. */
  readonly wait: number;
}

/** Sees whole traces: counts all of them, and keeps those worth keeping. */
export function gatewayConfig({ jaeger, slow, share, wait }: GatewayConfigFacts): CollectorConfig {
  const attributes = LABEL_MAP.map(({ attribute }) => attribute);
  return {
    extensions: { health_check: HEALTH },
    receivers: { otlp: OTLP_RECEIVER },
    processors: {
      memory_limiter: MEMORY_LIMITER,
      tail_sampling: {
        decision_wait: `${wait}s`,
        num_traces: 50_000,
        policies: [
          { name: "errors", type: "status_code", status_code: { status_codes: ["ERROR"] } },
          { name: "slow", type: "latency", latency: { threshold_ms: slow } },
          { name: "others", type: "probabilistic", probabilistic: { sampling_percentage: share } },
        ],
      },
      batch: BATCH,
    },
    connectors: {
      spanmetrics: {
        histogram: { unit: "s", explicit: { buckets: OTEL_SECONDS.map((bound) => `${bound * 1000}ms`) } },
        // What tells one program from another; an instance more would be a series more for each of its spans.
        dimensions: SPAN_DIMENSIONS.map((name) => ({ name })),
        resource_metrics_key_attributes: attributes.filter((name) => name !== attributeOf("pod")),
        exemplars: { enabled: true, max_per_data_point: 5 },
        // As often as they are scraped: an exemplar lives from one flush to the next.
        metrics_flush_interval: `${SCRAPE_SECONDS}s`,
        metrics_expiration: "5m",
        aggregation_cardinality_limit: 20_000,
      },
    },
    exporters: {
      "otlp/jaeger": { endpoint: jaeger, tls: { insecure: true }, sending_queue: { queue_size: 2000 } },
      prometheus: { endpoint: `0.0.0.0:${SPAN_METRICS_PORT}`, enable_open_metrics: true, metric_expiration: "5m" },
    },
    service: {
      extensions: ["health_check"],
      telemetry: OWN_TELEMETRY,
      pipelines: {
        "traces/all": { receivers: ["otlp"], processors: ["memory_limiter"], exporters: ["spanmetrics"] },
        "traces/kept": {
          receivers: ["otlp"],
          processors: ["memory_limiter", "tail_sampling", "batch"],
          exporters: ["otlp/jaeger"],
        },
        metrics: { receivers: ["spanmetrics"], exporters: ["prometheus"] },
      },
    },
  };
}

const SPAN_DIMENSIONS = [attributeOf("namespace"), attributeOf("service_version"), attributeOf("owner")];

/** Labels of span metrics that Prometheus stores under the names of scraping. */
export const SPAN_LABELS: Readonly<Record<string, string>> = Object.fromEntries(
  LABEL_MAP.filter(({ attribute }) => [attributeOf("job"), ...SPAN_DIMENSIONS].includes(attribute)).flatMap(
    ({ label, attribute }) => (attributeLabel(attribute) === label ? [] : [[attributeLabel(attribute), label]]),
  ),
);
