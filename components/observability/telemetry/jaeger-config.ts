import type { Duration } from "../../core/duration.ts";
import type { ConfigTree } from "../../workload/config.ts";
import { type CollectorConfig, HEALTH_PORT, OTLP_GRPC, OTLP_HTTP, OWN_TELEMETRY } from "./collector-config.ts";

/** Port of Jaeger's page and HTTP API. */
export const QUERY_PORT = 16_686;
/** Port of the storage, which speaks Jaeger's own storage protocol. */
export const STORAGE_PORT = 17_271;

/** What one process of Jaeger does. */
export interface JaegerFacts {
  /** Takes spans by OTLP. */
  readonly collects: boolean;
  /** Answers questions. */
  readonly queries: boolean;
  /** Lets others store and read through it. */
  readonly stores: boolean;
  readonly backend: ConfigTree;
}

/** Traces in memory, for as long as the process lives. */
export const inMemory = (traces: number): ConfigTree => ({ memory: { max_traces: traces } });

/** Traces on a disk of its own. */
export const onDisk = (folder: string, retention: Duration): ConfigTree => ({
  badger: {
    directories: { keys: `${folder}/keys`, values: `${folder}/values` },
    ephemeral: false,
    ttl: { spans: retention },
  },
});

/** Traces that another Jaeger stores. */
export const elsewhere = (endpoint: string): ConfigTree => ({
  grpc: { endpoint, tls: { insecure: true }, writer: { endpoint, tls: { insecure: true } } },
});

/** The configuration of one process: Jaeger is a collector with a storage and a page. https://www.jaegertracing.io/docs/2.13/deployment/configuration/ */
export function jaegerConfig({ collects, queries, stores, backend }: JaegerFacts): CollectorConfig {
  const pipeline = collects
    ? { receivers: ["otlp"], processors: ["batch"], exporters: ["jaeger_storage_exporter"] }
    : { receivers: ["nop"], exporters: ["nop"] };
  return {
    extensions: {
      healthcheckv2: { use_v2: true, http: { endpoint: `0.0.0.0:${HEALTH_PORT}` } },
      jaeger_storage: { backends: { traces: backend } },
      ...(queries
        ? {
            jaeger_query: {
              storage: { traces: "traces" },
              http: { endpoint: `0.0.0.0:${QUERY_PORT}` },
              grpc: { endpoint: "localhost:16685" },
            },
          }
        : {}),
      ...(stores ? { remote_storage: { endpoint: `0.0.0.0:${STORAGE_PORT}`, storage: "traces" } } : {}),
    },
    receivers: collects
      ? {
          otlp: {
            protocols: { grpc: { endpoint: `0.0.0.0:${OTLP_GRPC}` }, http: { endpoint: `0.0.0.0:${OTLP_HTTP}` } },
          },
        }
      : { nop: {} },
    processors: collects ? { batch: { send_batch_size: 256, timeout: "100ms" } } : {},
    exporters: collects ? { jaeger_storage_exporter: { trace_storage: "traces" } } : { nop: {} },
    service: {
      extensions: [
        "healthcheckv2",
        "jaeger_storage",
        ...(queries ? ["jaeger_query"] : []),
        ...(stores ? ["remote_storage"] : []),
      ],
      telemetry: OWN_TELEMETRY,
      pipelines: { traces: pipeline },
    },
  };
}
