import type { Metric, MetricType } from "./metric-kind.ts";

const POD = ["namespace", "pod", "container", "uid"];
const exposed = (type: MetricType, names: Readonly<Record<string, readonly string[]>>): readonly Metric[] =>
  Object.entries(names).map(([name, labels]) => ({ name, type, labels }));

/** What the cluster and the exporters beside backing services expose. */
export const CLUSTER_METRICS: readonly Metric[] = [
  // The kubelet's cAdvisor: https://github.com/google/cadvisor/blob/master/docs/storage/prometheus.md
  ...exposed("counter", {
    container_cpu_cfs_periods_total: ["id", "image", "name"],
    container_cpu_cfs_throttled_periods_total: ["id", "image", "name"],
    container_cpu_usage_seconds_total: ["id", "image", "name", "cpu"],
  }),
  ...exposed("gauge", { container_memory_working_set_bytes: ["id", "image", "name"] }),
  // https://github.com/kubernetes/kube-state-metrics/tree/main/docs/metrics
  ...exposed("counter", { kube_pod_container_status_restarts_total: POD }),
  ...exposed("gauge", {
    kube_pod_container_status_waiting_reason: [...POD, "reason"],
    kube_pod_container_status_last_terminated_reason: [...POD, "reason"],
    kube_pod_container_resource_limits: [...POD, "node", "resource", "unit"],
    kube_deployment_spec_replicas: ["deployment"],
    kube_deployment_status_replicas_available: ["deployment"],
    kube_horizontalpodautoscaler_spec_max_replicas: ["horizontalpodautoscaler"],
    kube_horizontalpodautoscaler_status_desired_replicas: ["horizontalpodautoscaler"],
    kube_poddisruptionbudget_status_pod_disruptions_allowed: ["poddisruptionbudget"],
    kube_poddisruptionbudget_status_expected_pods: ["poddisruptionbudget"],
    kube_job_failed: ["job_name", "condition"],
    kube_cronjob_next_schedule_time: ["cronjob"],
    kube_cronjob_spec_suspend: ["cronjob"],
  }),
  // https://argo-rollouts.readthedocs.io/en/stable/features/controller-metrics/
  ...exposed("gauge", {
    rollout_info: ["name", "strategy", "traffic_router", "phase"],
    rollout_info_replicas_available: ["name"],
    rollout_info_replicas_desired: ["name"],
  }),
  // https://cert-manager.io/docs/devops-tips/prometheus-metrics/
  ...exposed("gauge", {
    certmanager_certificate_expiration_timestamp_seconds: ["name", "issuer_name", "issuer_kind", "issuer_group"],
    certmanager_certificate_ready_status: ["name", "condition", "issuer_name", "issuer_kind", "issuer_group"],
  }),
  // https://github.com/prometheus-community/postgres_exporter
  ...exposed("gauge", {
    pg_up: [],
    pg_stat_activity_count: ["datname", "state", "usename"],
    pg_settings_max_connections: ["server"],
  }),
  // https://github.com/oliver006/redis_exporter
  ...exposed("gauge", { redis_up: [], redis_memory_used_bytes: [], redis_memory_max_bytes: [] }),
  // https://github.com/danielqsj/kafka_exporter
  ...exposed("gauge", { kafka_consumergroup_lag: ["consumergroup", "topic", "partition"] }),
  // Per queue with prometheus.return_per_object_metrics: https://www.rabbitmq.com/docs/prometheus
  ...exposed("gauge", { rabbitmq_queue_messages_ready: ["queue", "vhost"] }),
];
