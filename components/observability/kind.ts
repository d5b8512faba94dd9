import type { IPrometheusRule } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PrometheusRule";
import type { Resource } from "../core/object.ts";

// Typed by the operator's own models; nothing of them is loaded at run time.
export type PrometheusRule = Resource<IPrometheusRule>;
