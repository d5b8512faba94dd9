import { type DashboardsObjects, type DashboardsProps, dashboards } from "../observability/dashboards.ts";
import { type ScrapingObjects, type ScrapingProps, scraping } from "../observability/scraping.ts";
import {
  type CollectorAgentObjects,
  type CollectorAgentProps,
  type CollectorGatewayObjects,
  type CollectorGatewayProps,
  collectorAgent,
  collectorGateway,
} from "../observability/telemetry/collector.ts";
import {
  type GrafanaDatasourcesObjects,
  type GrafanaDatasourcesProps,
  grafanaDatasources,
} from "../observability/telemetry/grafana-datasources.ts";
import { type JaegerObjects, type JaegerProps, jaeger } from "../observability/telemetry/jaeger.ts";
import { type LokiObjects, type LokiProps, loki } from "../observability/telemetry/loki.ts";
import { Component, type ComponentOptions } from "./component.ts";
import { reported } from "./failure.ts";

/** How a component's metrics are scraped, as a component of the engine. */
export class Scraping extends Component<ScrapingObjects> {
  constructor(name: string, props: Omit<ScrapingProps, "name">, options: ComponentOptions<ScrapingObjects> = {}) {
    const objects = reported(() => scraping({ ...props, name }));
    super("fairlead:observability:Scraping", name, objects, options);
  }
}

/** A collector on every node, as a component of the engine. */
export class CollectorAgent extends Component<CollectorAgentObjects> {
  constructor(
    name: string,
    props: Omit<CollectorAgentProps, "name">,
    options: ComponentOptions<CollectorAgentObjects> = {},
  ) {
    const objects = reported(() => collectorAgent({ ...props, name }));
    super("fairlead:observability:CollectorAgent", name, objects, options);
  }
}

/** Collectors that see whole traces, as a component of the engine. */
export class CollectorGateway extends Component<CollectorGatewayObjects> {
  constructor(
    name: string,
    props: Omit<CollectorGatewayProps, "name">,
    options: ComponentOptions<CollectorGatewayObjects> = {},
  ) {
    const objects = reported(() => collectorGateway({ ...props, name }));
    super("fairlead:observability:CollectorGateway", name, objects, options);
  }
}

/** Where traces are kept and looked at, as a component of the engine. */
export class Jaeger extends Component<JaegerObjects> {
  constructor(name: string, props: Omit<JaegerProps, "name">, options: ComponentOptions<JaegerObjects> = {}) {
    const objects = reported(() => jaeger({ ...props, name }));
    super("fairlead:observability:Jaeger", name, objects, options);
  }
}

/** Where logs are kept and searched, as a component of the engine. */
export class Loki extends Component<LokiObjects> {
  constructor(name: string, props: Omit<LokiProps, "name">, options: ComponentOptions<LokiObjects> = {}) {
    const objects = reported(() => loki({ ...props, name }));
    super("fairlead:observability:Loki", name, objects, options);
  }
}

/** Grafana's way from metrics to traces to logs, as a component of the engine. */
export class GrafanaDatasources extends Component<GrafanaDatasourcesObjects> {
  constructor(
    name: string,
    props: Omit<GrafanaDatasourcesProps, "name">,
    options: ComponentOptions<GrafanaDatasourcesObjects> = {},
  ) {
    const objects = reported(() => grafanaDatasources({ ...props, name }));
    super("fairlead:observability:GrafanaDatasources", name, objects, options);
  }
}

/** Grafana's pages of one environment, as a component of the engine. */
export class Dashboards extends Component<DashboardsObjects> {
  constructor(name: string, props: Omit<DashboardsProps, "name">, options: ComponentOptions<DashboardsObjects> = {}) {
    const objects = reported(() => dashboards({ ...props, name }));
    super("fairlead:observability:Dashboards", name, objects, options);
  }
}
