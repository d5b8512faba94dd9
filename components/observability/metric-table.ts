import { CLUSTER_METRICS } from "./cluster-metrics.ts";
import type { Metric } from "./metric-kind.ts";

/** Bounds that OpenTelemetry advises for durations. https://opentelemetry.io/docs/specs/semconv/http/http-metrics/#metric-httpserverrequestduration */
export const OTEL_SECONDS: readonly number[] = [
  0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
];

/** Default bounds of Prometheus' Go client. https://pkg.go.dev/github.com/prometheus/client_golang/prometheus#pkg-variables */
export const CLIENT_SECONDS: readonly number[] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

const HTTP = [
  "http_request_method",
  "http_response_status_code",
  "http_route",
  "url_scheme",
  "error_type",
  "network_protocol_name",
  "network_protocol_version",
  "server_address",
  "server_port",
];
const RPC = [
  "rpc_system_name",
  "rpc_method",
  "rpc_response_status_code",
  "error_type",
  "server_address",
  "server_port",
];
const SPAN = ["span_name", "span_kind", "status_code"];
const GRPC = ["grpc_type", "grpc_service", "grpc_method"];
const SLO = ["slo", "service", "namespace"];

const counter = (name: string, labels: readonly string[] = []): Metric => ({ name, type: "counter", labels });
const gauge = (name: string, labels: readonly string[] = []): Metric => ({ name, type: "gauge", labels });
const histogram = (name: string, labels: readonly string[], buckets: readonly number[]): Metric => ({
  name,
  type: "histogram",
  labels,
  buckets,
});

/** Metrics that Go services, the cluster and our own rules expose; a service declares what it adds. */
export const KNOWN_METRICS: readonly Metric[] = [
  gauge("up"),
  // OpenTelemetry's names, with dots and units as Prometheus stores them.
  histogram("http_server_request_duration_seconds", HTTP, OTEL_SECONDS),
  gauge("http_server_active_requests", ["http_request_method", "url_scheme"]),
  histogram("rpc_server_call_duration_seconds", RPC, OTEL_SECONDS),
  histogram("http_client_request_duration_seconds", HTTP, OTEL_SECONDS),
  histogram("rpc_client_call_duration_seconds", RPC, OTEL_SECONDS),
  // https://github.com/grpc-ecosystem/go-grpc-middleware/tree/main/providers/prometheus
  counter("grpc_server_started_total", GRPC),
  counter("grpc_server_handled_total", [...GRPC, "grpc_code"]),
  histogram("grpc_server_handling_seconds", GRPC, CLIENT_SECONDS),
  // Counted by the collector's gateway from every span: telemetry/collector-config.ts.
  counter("traces_span_metrics_calls_total", SPAN),
  histogram("traces_span_metrics_duration_seconds", SPAN, OTEL_SECONDS),
  // Services instrumented by hand.
  counter("http_requests_total", ["method", "status"]),
  histogram("http_request_duration_seconds", ["method", "status"], CLIENT_SECONDS),
  // Go runtime by Prometheus' client: https://pkg.go.dev/github.com/prometheus/client_golang/prometheus/collectors
  gauge("go_goroutines"),
  gauge("go_threads"),
  gauge("go_info", ["version"]),
  gauge("go_gc_gogc_percent"),
  gauge("go_gc_gomemlimit_bytes"),
  gauge("go_sched_gomaxprocs_threads"),
  gauge("go_memstats_alloc_bytes"),
  gauge("go_memstats_heap_inuse_bytes"),
  gauge("go_memstats_heap_released_bytes"),
  gauge("go_memstats_sys_bytes"),
  gauge("go_memstats_next_gc_bytes"),
  counter("go_gc_cycles_total_gc_cycles_total"),
  counter("go_cpu_classes_gc_total_cpu_seconds_total"),
  counter("go_cpu_classes_total_cpu_seconds_total"),
  counter("process_cpu_seconds_total"),
  gauge("process_resident_memory_bytes"),
  gauge("process_open_fds"),
  gauge("process_max_fds"),
  gauge("process_start_time_seconds"),
  // Go runtime by OpenTelemetry: https://opentelemetry.io/docs/specs/semconv/runtime/go-metrics/
  gauge("go_goroutine_count"),
  gauge("go_processor_limit"),
  gauge("go_memory_used_bytes", ["go_memory_type"]),
  gauge("go_memory_limit_bytes"),
  gauge("go_memory_gc_goal_bytes"),
  // Recorded by slo/rules.ts. The window is part of the name.
  gauge("slo:total:rate5m", SLO),
  gauge("slo:bad:rate5m", SLO),
  gauge("slo:bad_ratio:period", [...SLO, "period"]),
  gauge("slo:budget:remaining", [...SLO, "period"]),
  gauge("slo:objective:ratio", [...SLO, "period", "owner"]),
  ...CLUSTER_METRICS,
];
