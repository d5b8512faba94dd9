import * as z from "zod";
import { constant } from "../core/constant.ts";
import { type Duration, seconds } from "../core/duration.ts";
import type { Faults } from "../core/fault.ts";
import type { Deployment, Service } from "../core/kind.ts";
import { selectorLabels } from "../core/name.ts";
import { isOutput, type KubernetesObject, type Metadata, type Objects, present } from "../core/object.ts";
import { once } from "../core/once.ts";
import { inside } from "../core/plain.ts";
import {
  checked,
  checkShape,
  componentName,
  duration,
  faultsOf,
  filled,
  maybe,
  type ShapeOf,
  strict,
  whereSound,
  whole,
} from "../core/shape.ts";
import type { PodMonitor, ServiceMonitor } from "./kind.ts";
import { LABEL_MAP, type LabelMapping } from "./label-map.ts";

/** How the pods of one component are scraped. */
export interface Scrape {
  /** The port's name. @default "metrics" where there is one, otherwise "http" */
  readonly port?: string;
  /** @default "/metrics" */
  readonly path?: string;
  /** @default "15s" */
  readonly interval?: Duration;
  /** How long one scrape may take. @default "10s", or the interval where that is shorter */
  readonly timeout?: Duration;
  /** Samples above which a scrape is thrown away as a whole, so that a label with endless values cannot fill Prometheus. @default 10000 */
  readonly samples?: number;
  /** Labels of one series above which a scrape is thrown away. @default 40 */
  readonly labels?: number;
  /** Whether the pods' own labels win over those of scraping, for a program that speaks for others. @default false */
  readonly honorLabels?: boolean;
}

export interface ScrapingProps extends Scrape {
  /** The component's name; also the job's. */
  readonly name: string;
  /** The component's objects: its Service or, without one, its pods are scraped. */
  readonly objects: Objects;
  /** The namespace that the component admits Prometheus from. @default it admits some */
  readonly scrapedFrom?: string | false;
  /** Labels of the scraped program that are stored under another name: from -> to. */
  readonly renamed?: Readonly<Record<string, string>>;
}

/** Exactly one of the two. */
export interface ScrapingObjects extends Objects {
  readonly serviceMonitor?: ServiceMonitor;
  readonly podMonitor?: PodMonitor;
}

/** Seconds between two scrapes of everything that says nothing else. */
export const SCRAPE_SECONDS = 15;
const SCRAPE_INTERVAL: Duration = `${SCRAPE_SECONDS}s`;
const TIMEOUT: Duration = "10s";
/** What Prometheus' administrators select monitors by. */
const SCRAPED: Readonly<Record<string, string>> = { "prometheus-scrape": "true" };
const NAME = "app.kubernetes.io/name";

const path = checked(z.string(), (text) =>
  text.startsWith("/") ? undefined : ["but a path begins with a slash", 'use for example "/metrics"'],
);
const aSecond = checked(duration, (text) =>
  (seconds(text) ?? 0) >= 1 ? undefined : ["but that is less than a second", 'use for example "15s"'],
);

const scrapeParts: ShapeOf<Scrape> = {
  port: maybe(filled),
  path: maybe(path),
  interval: maybe(aSecond),
  timeout: maybe(aSecond),
  samples: maybe(whole(1)),
  labels: maybe(whole(1)),
  honorLabels: maybe(z.boolean()),
};

/** An entry's scrape. */
export const scrapeShape = strict<Scrape>(scrapeParts);

const scrapingShape = strict<ScrapingProps>({
  ...scrapeParts,
  name: componentName,
  objects: z.custom<Objects>((value) => typeof value === "object" && value !== null),
  scrapedFrom: maybe(z.union([z.string(), z.literal(false)])),
  renamed: maybe(z.record(z.string(), z.string())),
});

/**
 * The ServiceMonitor of a component that has a Service, or the PodMonitor of one that has none.
 * @throws FaultError for a scrape that could match nothing.
 */
export function scraping(props: ScrapingProps): ScrapingObjects {
  const faults = faultsOf(props, "scraping");
  checkShape(faults, scrapingShape, props);
  checkScrape(faults, props);
  faults.check();
  const services = ofKind<Service>(props.objects, "Service").filter((one) => one.spec?.clusterIP !== "None");
  const pods = Object.values(props.objects).flatMap((one) => (hasPods(one) ? [one] : []));
  if (props.scrapedFrom === false) {
    faults.add(
      "scrapedFrom",
      false,
      "but then its pods refuse whoever scrapes them",
      "leave out scrapedFrom or scrape",
    );
  }
  const service = services.find((one) => servicePort(props, servicePorts(one)) !== undefined);
  const workload = pods.find((one) => servicePort(props, podPorts(one)) !== undefined);
  const found = service ?? workload;
  const port = found === undefined ? undefined : servicePort(props, portsOf(found));
  if (found === undefined || port === undefined) {
    const known = [...new Set([...services.flatMap(servicePorts), ...pods.flatMap(podPorts)])];
    faults.add(
      "port",
      props.port,
      "but none of its objects opens a port to scrape, so nothing would ever be scraped",
      known.length === 0
        ? "open a port named metrics"
        : `open a port named metrics, or name one of ${known.join(", ")}`,
    );
  }
  faults.check();
  if (found === undefined || port === undefined) return {};
  const metadata: Metadata = { ...found.metadata, labels: { ...found.metadata.labels, ...SCRAPED } };
  return present({
    serviceMonitor: found === service ? serviceMonitor(metadata, props, port) : undefined,
    podMonitor: found === service ? undefined : podMonitor(metadata, props, port, workload),
  });
}

/** Notes what no single property of a scrape shows. */
function checkScrape(faults: Faults, scrape: Scrape): void {
  if (faults.touches("interval")) return;
  whereSound(faults, scrape, ["timeout"], ({ timeout }) => {
    const interval = scrape.interval ?? SCRAPE_INTERVAL;
    if (timeout === undefined || (seconds(timeout) ?? 0) <= (seconds(interval) ?? 0)) return;
    faults.add("timeout", timeout, `but the next scrape begins after ${interval}`, `use ${interval} or less`);
  });
}

/** The port that is scraped, if it is among those. */
function servicePort({ port }: Scrape, ports: readonly string[]): string | undefined {
  return (port === undefined ? ["metrics", "http"] : [port]).find((name) => ports.includes(name));
}

function ofKind<T extends KubernetesObject>(objects: Objects, kind: string): readonly T[] {
  return Object.values(objects).filter((one): one is T => one.kind === kind);
}

function hasPods(object: KubernetesObject): object is Deployment {
  // A Rollout that runs a Deployment's pods has no template of its own.
  return (
    ["Deployment", "StatefulSet", "DaemonSet", "Rollout"].includes(object.kind) &&
    inside(object, "spec", "template") !== undefined
  );
}

function portsOf(object: KubernetesObject): readonly string[] {
  return hasPods(object) ? podPorts(object) : servicePorts(object as Service);
}

function servicePorts(service: Service): readonly string[] {
  return names(service.spec?.ports ?? []);
}

function podPorts(workload: Deployment): readonly string[] {
  return (workload.spec?.template.spec?.containers ?? []).flatMap((container) => names(container.ports ?? []));
}

function names(ports: readonly { readonly name?: unknown }[]): readonly string[] {
  return ports.flatMap(({ name }) => (typeof name === "string" && !isOutput(name) ? [name] : []));
}

function serviceMonitor(metadata: Metadata, props: ScrapingProps, port: string): ServiceMonitor {
  return {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "ServiceMonitor",
    metadata,
    spec: {
      jobLabel: NAME,
      selector: { matchLabels: selectorLabels(props.name) },
      ...limits(props),
      endpoints: [
        {
          ...endpoint(props, port),
          relabelings: [
            // The headless Service has the same labels and the same pods: without this each would be counted twice.
            {
              action: "keep",
              sourceLabels: ["__meta_kubernetes_service_name"],
              regex: metadata.name.replaceAll(".", "\\."),
            },
            ...RELABELINGS(),
          ],
        },
      ],
    },
  };
}

function podMonitor(
  metadata: Metadata,
  props: ScrapingProps,
  port: string,
  workload: Deployment | undefined,
): PodMonitor {
  return {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "PodMonitor",
    metadata,
    spec: {
      jobLabel: NAME,
      selector: { matchLabels: workload?.spec?.selector.matchLabels ?? selectorLabels(props.name) },
      ...limits(props),
      podMetricsEndpoints: [{ ...endpoint(props, port), relabelings: RELABELINGS() }],
    },
  };
}

/** What one scrape may bring at most. */
function limits(props: Scrape) {
  return {
    sampleLimit: props.samples ?? 10_000,
    labelLimit: props.labels ?? 40,
    // Far above any honest name or value; a message or an identity in a label is neither.
    labelNameLengthLimit: 128,
    labelValueLengthLimit: 512,
    targetLimit: 1000,
    bodySizeLimit: "16MB",
  } as const;
}

function endpoint(props: ScrapingProps, port: string) {
  const interval = props.interval ?? SCRAPE_INTERVAL;
  const short = (seconds(interval) ?? 0) < (seconds(TIMEOUT) ?? 0);
  const renamed = Object.entries(props.renamed ?? {});
  return {
    port,
    path: props.path ?? "/metrics",
    scheme: "http",
    interval,
    scrapeTimeout: props.timeout ?? (short ? interval : TIMEOUT),
    ...(props.honorLabels === true ? { honorLabels: true } : {}),
    ...(renamed.length === 0
      ? {}
      : {
          metricRelabelings: [
            ...renamed.map(([from, to]) => ({ sourceLabels: [from], regex: "(.+)", targetLabel: to })),
            { action: "labeldrop", regex: renamed.map(([from]) => from).join("|") } as const,
          ],
        }),
  } as const;
}

/** The labels that the operator does not set by itself. */
const RELABELINGS = once(() =>
  LABEL_MAP.flatMap(({ label, discovered }: LabelMapping) =>
    discovered === undefined ? [] : [constant({ sourceLabels: [discovered], targetLabel: label })],
  ),
);
