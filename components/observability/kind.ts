import type { IPodMonitor } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PodMonitor";
import type { IPrometheusRule } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PrometheusRule";
import type { IServiceMonitor } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/ServiceMonitor";
import type { Resource } from "../core/object.ts";

// Typed by the operator's own models; nothing of them is loaded at run time.
export type PodMonitor = Resource<IPodMonitor>;
export type PrometheusRule = Resource<IPrometheusRule>;
export type ServiceMonitor = Resource<IServiceMonitor>;
