import type { Catalogue, Entry, ServiceEntry, Setting, WorkerEntry } from "./catalogue.ts";
import { isJob, isService } from "./catalogue-check.ts";
import type { Caller, ServiceCall } from "./core/call.ts";
import { FaultError, Faults } from "./core/fault.ts";
import type { Objects } from "./core/object.ts";
import { checkShape } from "./core/shape.ts";
import {
  type Scrape,
  type ScrapingObjects,
  type ServiceLevelProps,
  type ServiceSlo,
  scrapeShape,
  scraping,
  serviceLevelProps,
} from "./observability/index.ts";
import { attributeOf } from "./observability/label-map.ts";
import type { Address } from "./observability/telemetry/collector.ts";
import { OTLP_GRPC } from "./observability/telemetry/collector-config.ts";
import { PPROF_PORT } from "./workload/workload.ts";

/** What an entry says of how it is watched. */
export interface Watched {
  /** How its metrics are scraped. @default the metrics port, or else the http port, at /metrics every 15 s */
  readonly scrape?: Scrape;
}

/** Where the components of an environment send traces, metrics and logs by OTLP. */
export interface Telemetry {
  /** The collector on every node. */
  readonly agent: Address;
  /** What the environment is called in traces and logs. */
  readonly environment: string;
}

/** The call to the collector, and what OpenTelemetry's SDK reads. https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/ */
export function telling(
  name: string,
  owner: string,
  version: string,
  setting: Pick<Setting, "namespace" | "partOf" | "telemetry">,
): { readonly calls: readonly ServiceCall[]; readonly variables: Readonly<Record<string, string>> } {
  const { namespace, partOf, telemetry } = setting;
  if (telemetry === undefined) return { calls: [], variables: {} };
  const { agent, environment } = telemetry;
  const attributes = {
    "service.namespace": partOf,
    "deployment.environment.name": environment,
    [attributeOf("service_version")]: version,
    [attributeOf("namespace")]: namespace,
    [attributeOf("owner")]: owner,
  };
  return {
    calls: [{ service: agent.name, namespace: agent.namespace, ports: [OTLP_GRPC] }],
    variables: {
      OTEL_SERVICE_NAME: name,
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://${agent.name}.${agent.namespace}:${OTLP_GRPC}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: "grpc",
      OTEL_RESOURCE_ATTRIBUTES: Object.entries(attributes)
        .map(([key, value]) => `${key}=${encodeURIComponent(value)}`)
        .join(","),
    },
  };
}

/** Who is admitted at the port of profiles, where the environment serves them. */
export function diagnosing({ debug, diagnosedBy }: Pick<Setting, "debug" | "diagnosedBy">): readonly Caller[] {
  if (debug?.pprof !== true || diagnosedBy === undefined) return [];
  const { name: service, namespace } = diagnosedBy;
  return [{ service, namespace, ports: [PPROF_PORT] }];
}

/** What watches an entry's pods: a scrape of whatever has metrics, unless the entry admits nobody. */
export function watching(
  name: string,
  entry: (ServiceEntry | WorkerEntry) & { readonly slo?: ServiceSlo },
  objects: Objects,
): ScrapingObjects {
  const faults = new Faults(name);
  const { scrape, scrapedFrom, slo } = entry;
  if (scrape !== undefined) checkShape(faults, scrapeShape, scrape, "scrape");
  const silent = scrapedFrom === false || !hasMetrics(entry);
  if (silent && scrape === undefined && slo !== undefined) {
    const [path, remedy] =
      scrapedFrom === false
        ? (["scrapedFrom", "leave out scrapedFrom or slo"] as const)
        : (["ports.metrics", "say at which port /metrics is: ports: { metrics: 9100 }"] as const);
    faults.add(path, scrapedFrom, "but then nothing is scraped that its slo could be measured by", remedy);
  }
  faults.check();
  if (silent && scrape === undefined) return {};
  try {
    return scraping({ ...scrape, name, objects, ...(scrapedFrom === undefined ? {} : { scrapedFrom }) });
  } catch (error) {
    if (!(error instanceof FaultError)) throw error;
    throw new FaultError(
      error.faults.map((fault) => (fault.path === "scrapedFrom" ? fault : { ...fault, path: `scrape.${fault.path}` })),
    );
  }
}

function hasMetrics(entry: Entry): boolean {
  if (isJob(entry)) return false;
  return isService(entry)
    ? entry.ports?.metrics !== undefined || entry.ports?.http !== undefined
    : entry.metricsPort !== undefined;
}

/** What the services of a catalogue promise in one environment, those without a promise left out. */
export function serviceLevels(
  entries: Catalogue,
  setting: Pick<Setting, "namespace" | "partOf">,
): Readonly<Record<string, ServiceLevelProps>> {
  const { namespace, partOf } = setting;
  return Object.fromEntries(
    Object.entries(entries).flatMap(([name, entry]) =>
      isService(entry) && entry.slo !== undefined
        ? [[name, serviceLevelProps(entry.slo, { name, namespace, partOf, owner: entry.owner, ports: entry.ports })]]
        : [],
    ),
  );
}
