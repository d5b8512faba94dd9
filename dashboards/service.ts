import { AnnotationQueryBuilder } from "@grafana/grafana-foundation-sdk/dashboard";
import { type Dashboard, PROMETHEUS, page } from "./panels.ts";

const JOB = '{namespace="$namespace",job="$service"}';
const POD = '{namespace="$namespace",pod=~"$service-.*",container="$service"}';
const RATE = "[$__rate_interval]";
const HTTP = "http_server_request_duration_seconds";
const RPC = "rpc_server_call_duration_seconds";
const FAILED = '{namespace="$namespace",job="$service",http_response_status_code=~"5.."}';
const quantile = (q: number, metric: string) =>
  `histogram_quantile(${q}, sum by (le) (rate(${metric}_bucket${JOB}${RATE})))`;

/** One service: what it is asked, how it answers, and what it needs for that. */
export function service(): Dashboard {
  return page({
    uid: "fairlead-service",
    title: "Service",
    about: "Requests, errors and durations of one service, its Go runtime, and how near it is to its limits.",
    since: "3h",
    choices: [
      { name: "namespace", label: "Namespace", query: "label_values(up, namespace)" },
      { name: "service", label: "Service", query: 'label_values(up{namespace="$namespace"}, job)' },
    ],
    rows: {
      Requests: [
        {
          title: "Requests",
          about: "By status. gRPC by its own.",
          unit: "reqps",
          lines: [
            [`sum by (http_response_status_code) (rate(${HTTP}_count${JOB}${RATE}))`, "{{http_response_status_code}}"],
            [
              `sum by (rpc_response_status_code) (rate(${RPC}_count${JOB}${RATE}))`,
              "gRPC {{rpc_response_status_code}}",
            ],
          ],
        },
        {
          title: "Errors",
          about: "Share of requests with 5xx. Above 1 % for ten minutes is critical.",
          unit: "percentunit",
          limits: [
            [Number.NEGATIVE_INFINITY, "green"],
            [0.01, "red"],
          ],
          lines: [
            [
              // A service that never failed has no such series.
              `(sum(rate(${HTTP}_count${FAILED}${RATE})) or 0 * sum(rate(${HTTP}_count${JOB}${RATE}))) / clamp_min(sum(rate(${HTTP}_count${JOB}${RATE})), 1e-12)`,
              "5xx",
            ],
          ],
        },
        {
          title: "Duration",
          about: "Half of the requests, 95 and 99 of a hundred. A dot is a trace.",
          unit: "s",
          lines: [
            [quantile(0.5, HTTP), "P50"],
            [quantile(0.95, HTTP), "P95"],
            [quantile(0.99, HTTP), "P99"],
            [quantile(0.99, RPC), "gRPC P99"],
          ],
        },
        {
          title: "By route",
          about: "The ten that are asked most.",
          unit: "reqps",
          width: 12,
          lines: [[`topk(10, sum by (http_route) (rate(${HTTP}_count${JOB}${RATE})))`, "{{http_route}}"]],
        },
        {
          title: "Spans by name",
          about: "Of every trace, kept or not: also what the service asks of others.",
          unit: "reqps",
          width: 12,
          lines: [
            [
              `topk(10, sum by (span_name, span_kind) (rate(traces_span_metrics_calls_total${JOB}${RATE})))`,
              "{{span_kind}} {{span_name}}",
            ],
          ],
        },
      ],
      "Go runtime": [
        {
          title: "Goroutines",
          about: "A line that only rises is a leak.",
          unit: "none",
          lines: [
            [`go_goroutines${JOB}`, "{{pod}}"],
            [`go_goroutine_count${JOB}`, "{{pod}}"],
          ],
        },
        {
          title: "Memory",
          about: "What the runtime holds, and the limit (GOMEMLIMIT) at which it collects without pause.",
          unit: "bytes",
          lines: [
            [`go_memstats_sys_bytes${JOB} - go_memstats_heap_released_bytes${JOB}`, "{{pod}}"],
            [`min(go_gc_gomemlimit_bytes${JOB})`, "limit"],
          ],
        },
        {
          title: "CPU for collecting garbage",
          about: "Share of all CPU. Above 10 % memory is too tight.",
          unit: "percentunit",
          limits: [
            [Number.NEGATIVE_INFINITY, "green"],
            [0.1, "red"],
          ],
          lines: [
            [
              `rate(go_cpu_classes_gc_total_cpu_seconds_total${JOB}${RATE}) / rate(go_cpu_classes_total_cpu_seconds_total${JOB}${RATE})`,
              "{{pod}}",
            ],
          ],
        },
      ],
      Saturation: [
        {
          title: "CPU",
          about: "Cores that each pod uses.",
          unit: "none",
          lines: [[`sum by (pod) (rate(container_cpu_usage_seconds_total${POD}${RATE}))`, "{{pod}}"]],
        },
        {
          title: "CPU throttled",
          about: "Share of periods in which a pod was held back.",
          unit: "percentunit",
          lines: [
            [
              `sum by (pod) (rate(container_cpu_cfs_throttled_periods_total${POD}${RATE})) / sum by (pod) (rate(container_cpu_cfs_periods_total${POD}${RATE}))`,
              "{{pod}}",
            ],
          ],
        },
        {
          title: "Memory of its limit",
          about: "At 1 the kernel kills it.",
          unit: "percentunit",
          limits: [
            [Number.NEGATIVE_INFINITY, "green"],
            [0.9, "red"],
          ],
          lines: [
            [
              `max by (pod) (container_memory_working_set_bytes${POD}) / max by (pod) (kube_pod_container_resource_limits{namespace="$namespace",pod=~"$service-.*",container="$service",resource="memory"})`,
              "{{pod}}",
            ],
          ],
        },
        {
          title: "Pods",
          about: "Wanted, there, and the most that the autoscaler may make.",
          unit: "none",
          lines: [
            ['kube_deployment_spec_replicas{namespace="$namespace",deployment="$service"}', "wanted"],
            ['kube_deployment_status_replicas_available{namespace="$namespace",deployment="$service"}', "there"],
            [
              'kube_horizontalpodautoscaler_spec_max_replicas{namespace="$namespace",horizontalpodautoscaler="$service"}',
              "at most",
            ],
          ],
        },
        {
          title: "Requests under way",
          about: "At one moment, by pod.",
          unit: "none",
          lines: [[`sum by (pod) (http_server_active_requests${JOB})`, "{{pod}}"]],
        },
        {
          title: "Restarts",
          about: "Of containers, in the last hour.",
          unit: "none",
          lines: [[`sum by (pod) (increase(kube_pod_container_status_restarts_total${POD}[1h]))`, "{{pod}}"]],
        },
      ],
    },
  })
    .annotation(
      new AnnotationQueryBuilder()
        .name("Rollouts")
        .datasource(PROMETHEUS)
        .enable(true)
        .iconColor("blue")
        // A version that runs now and did not five minutes ago.
        .expr(`count by (service_version) (up${JOB}) unless count by (service_version) (up${JOB} offset 5m)`)
        .step("60s")
        .titleFormat("version {{service_version}}"),
    )
    .build();
}
