import type { ConfigMap } from "../core/kind.ts";
import { labels } from "../core/name.ts";
import type { Objects } from "../core/object.ts";
import {
  checkShape,
  componentName,
  faultsOf,
  filled,
  labelValue,
  maybe,
  namespaceName,
  strict,
} from "../core/shape.ts";
import loadTest from "./dashboards/load-test.json" with { type: "json" };
import service from "./dashboards/service.json" with { type: "json" };
import sloOverview from "./dashboards/slo-overview.json" with { type: "json" };

/** Grafana's pages of one environment. */
export interface DashboardsProps {
  readonly name: string;
  readonly namespace: string;
  readonly owner?: string;
  readonly partOf?: string;
  /** The namespace whose services they show first. */
  readonly watched: string;
  /** The identity of the Prometheus data source that they ask first, such as datasourceUids(namespace).prometheus. */
  readonly prometheus: string;
  /** Grafana's folder. @default "Fairlead" */
  readonly folder?: string;
}

export interface DashboardsObjects extends Objects {
  /** Budget left, burn rates, P99 of the routes. */
  readonly sloOverview: ConfigMap;
  /** Requests, errors, durations, Go runtime and saturation of one service, with its rollouts. */
  readonly service: ConfigMap;
  /** Requests a second by duration over time. */
  readonly loadTest: ConfigMap;
}

const dashboardsShape = strict<DashboardsProps>({
  name: componentName,
  namespace: namespaceName,
  owner: maybe(labelValue),
  partOf: maybe(labelValue),
  watched: namespaceName,
  prometheus: filled,
  folder: maybe(filled),
});

/** What of a dashboard differs from one environment to the other. */
interface DashboardFile {
  readonly uid: string;
  readonly title: string;
  readonly templating: { readonly list: readonly { readonly name: string }[] };
}

/**
 * Dashboards as ConfigMaps for Grafana's sidecar. The files themselves stand in components/observability/dashboards and
 * can be imported by hand as well.
 * @throws FaultError with everything that is wrong with the props.
 */
export function dashboards(props: DashboardsProps): DashboardsObjects {
  const faults = faultsOf(props, "dashboards");
  checkShape(faults, dashboardsShape, props);
  faults.check();
  return {
    sloOverview: configMap(props, "slo-overview", sloOverview),
    service: configMap(props, "service", service),
    loadTest: configMap(props, "load-test", loadTest),
  };
}

function configMap(props: DashboardsProps, file: string, dashboard: DashboardFile): ConfigMap {
  const { name, namespace, owner, partOf } = props;
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name: `${name}-${file}`,
      namespace,
      labels: { ...labels({ name, owner, partOf, component: "dashboards" }), grafana_dashboard: "1" },
      annotations: { grafana_folder: props.folder ?? "Fairlead" },
    },
    data: { [`${file}-${props.watched}.json`]: JSON.stringify(chosen(dashboard, props)) },
  };
}

/** One Grafana may show several environments: each dashboard is one of its own there, and begins with its own namespace. */
function chosen(dashboard: DashboardFile, { watched, prometheus }: DashboardsProps): DashboardFile {
  const first: Readonly<Record<string, string>> = { datasource: prometheus, namespace: watched };
  return {
    ...dashboard,
    uid: `${dashboard.uid}-${watched}`.slice(0, 40),
    title: `${dashboard.title} in ${watched}`,
    templating: {
      list: dashboard.templating.list.map((variable) => {
        const value = first[variable.name];
        return value === undefined ? variable : { ...variable, current: { selected: true, text: value, value } };
      }),
    },
  };
}
