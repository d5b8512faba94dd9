/** One fact about where telemetry comes from, under the name that each side gives it. */
export interface LabelMapping {
  /** Prometheus' label. */
  readonly label: string;
  /** OpenTelemetry's attribute. https://opentelemetry.io/docs/specs/semconv/resource/ */
  readonly attribute: string;
  /** What discovery calls it, where the operator does not set the label by itself. https://prometheus.io/docs/prometheus/latest/configuration/configuration/#kubernetes_sd_config */
  readonly discovered?: string;
}

/** Scraping, collector, log labels, dashboards and rules all take their names from here. */
export const LABEL_MAP = [
  { label: "job", attribute: "service.name" },
  { label: "instance", attribute: "service.instance.id" },
  { label: "namespace", attribute: "k8s.namespace.name" },
  { label: "pod", attribute: "k8s.pod.name" },
  { label: "container", attribute: "k8s.container.name" },
  { label: "node", attribute: "k8s.node.name", discovered: "__meta_kubernetes_pod_node_name" },
  {
    // Not "version": go_info and others have a label of that name.
    label: "service_version",
    attribute: "service.version",
    discovered: "__meta_kubernetes_pod_label_app_kubernetes_io_version",
  },
  { label: "owner", attribute: "fairlead.owner", discovered: "__meta_kubernetes_pod_label_fairlead_dev_owner" },
] as const satisfies readonly LabelMapping[];
/** The attribute that stands for a label. */
export function attributeOf(label: (typeof LABEL_MAP)[number]["label"]): string {
  return LABEL_MAP.find((row) => row.label === label)?.attribute ?? label;
}

/** An attribute as Prometheus spells it: "k8s.pod.name" -> "k8s_pod_name". https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/ */
export function attributeLabel(attribute: string): string {
  return attribute.replace(/\W/g, "_");
}
