import type { ConfigMap } from "../../core/kind.ts";
import { labels } from "../../core/name.ts";
import type { Objects } from "../../core/object.ts";
import {
  checkShape,
  componentName,
  faultsOf,
  filled,
  labelValue,
  maybe,
  namespaceName,
  strict,
} from "../../core/shape.ts";
import { toYamlValue } from "../../core/yaml-text.ts";
import { attributeLabel, attributeOf } from "../label-map.ts";

/** Where Grafana asks, and how it gets from one to the other. */
export interface GrafanaDatasourcesProps {
  readonly name: string;
  readonly namespace: string;
  readonly owner?: string;
  readonly partOf?: string;
  /** Addresses as Grafana reaches them, such as "http://loki.shop-telemetry:3100". */
  readonly prometheus: string;
  readonly jaeger: string;
  readonly loki: string;
}

export interface GrafanaDatasourcesObjects extends Objects {
  readonly datasources: ConfigMap;
}

const datasourcesShape = strict<GrafanaDatasourcesProps>({
  name: componentName,
  namespace: namespaceName,
  owner: maybe(labelValue),
  partOf: maybe(labelValue),
  prometheus: filled,
  jaeger: filled,
  loki: filled,
});

const SERVICE = attributeLabel(attributeOf("job"));

/**
 * Metrics, traces and logs of one environment for Grafana's sidecar, each linked to the others: exemplars lead to traces,
 * trace_id in a log to its trace, a span to its logs and to the metrics of its service.
 * @throws FaultError with everything that is wrong with the props.
 */
export function grafanaDatasources(props: GrafanaDatasourcesProps): GrafanaDatasourcesObjects {
  const faults = faultsOf(props, "grafana datasources");
  checkShape(faults, datasourcesShape, props);
  faults.check();
  const { name, namespace, owner, partOf } = props;
  const datasources: ConfigMap = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name,
      namespace,
      labels: { ...labels({ name, owner, partOf, component: "datasources" }), grafana_datasource: "1" },
    },
    data: { [`${name}-${namespace}.yaml`]: toYamlValue(provisioning(props)) },
  };
  return { datasources };
}

/** Identities within Grafana: several environments may share one. */
export function datasourceUids(namespace: string) {
  return { prometheus: `prometheus-${namespace}`, jaeger: `jaeger-${namespace}`, loki: `loki-${namespace}` } as const;
}

/** https://grafana.com/docs/grafana/latest/administration/provisioning/#data-sources */
function provisioning(props: GrafanaDatasourcesProps): unknown {
  const { namespace } = props;
  const uid = datasourceUids(namespace);
  const source = (type: keyof typeof uid, url: string, jsonData: unknown) => ({
    name: `${type} ${namespace}`,
    type,
    uid: uid[type],
    access: "proxy",
    url,
    editable: false,
    jsonData,
  });
  return {
    apiVersion: 1,
    datasources: [
      source("prometheus", props.prometheus, {
        httpMethod: "POST",
        exemplarTraceIdDestinations: [{ name: "trace_id", datasourceUid: uid.jaeger }],
      }),
      source("loki", props.loki, {
        derivedFields: [
          {
            name: "trace",
            matcherType: "label",
            matcherRegex: "trace_id",
            // biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana fills it in
            url: "${__value.raw}",
            datasourceUid: uid.jaeger,
          },
          {
            name: "all of this request",
            matcherType: "label",
            matcherRegex: "request_id",
            url: `{${SERVICE}=~".+"} | request_id="\${__value.raw}"`,
            datasourceUid: uid.loki,
          },
        ],
      }),
      source("jaeger", props.jaeger, {
        tracesToLogsV2: {
          datasourceUid: uid.loki,
          spanStartTimeShift: "-5m",
          spanEndTimeShift: "5m",
          customQuery: true,
          query: `{${SERVICE}="\${__span.tags["service.name"]}"} | trace_id="\${__trace.traceId}"`,
        },
        tracesToMetrics: {
          datasourceUid: uid.prometheus,
          tags: [{ key: attributeOf("job"), value: "job" }],
          queries: [
            {
              name: "failed spans of the service",
              query: 'sum(rate(traces_span_metrics_calls_total{$__tags,status_code="STATUS_CODE_ERROR"}[5m]))',
            },
          ],
        },
        nodeGraph: { enabled: true },
      }),
    ],
  };
}
