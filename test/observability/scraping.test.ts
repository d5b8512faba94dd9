import { describe, expect, test } from "vitest";
import { sentence } from "../../components/core/fault.ts";
import { catalogue, components, microservice, type ScrapingProps, scraping, worker } from "../../components/index.ts";
import { LABEL_MAP } from "../../components/observability/label-map.ts";
import { TARGET_LABELS } from "../../components/observability/metric.ts";
import { faultsOf } from "../core/faults-of.ts";

const facts = { namespace: "shop", owner: "checkout", image: "registry.example.com/shop/order:1.0.0" };
const order = microservice({ ...facts, name: "order", ports: { http: 8080, grpc: 9090 } });
const said = (props: Partial<ScrapingProps>) =>
  faultsOf(() => scraping({ name: "order", objects: order, ...props })).map(sentence);

describe("a component with a Service", () => {
  test("is scraped by a ServiceMonitor at its metrics port, every 15 s", () => {
    const objects = microservice({ ...facts, name: "order", ports: { http: 8080, metrics: 9100 } });
    const { serviceMonitor, podMonitor } = scraping({ name: "order", objects });
    expect(podMonitor).toBeUndefined();
    expect(serviceMonitor).toMatchObject({
      metadata: { name: "order", namespace: "shop", labels: { "prometheus-scrape": "true" } },
      spec: {
        jobLabel: "app.kubernetes.io/name",
        selector: { matchLabels: { "app.kubernetes.io/name": "order" } },
        endpoints: [{ port: "metrics", path: "/metrics", interval: "15s", scrapeTimeout: "10s" }],
      },
    });
  });

  test("is scraped at its http port where it has none for metrics", () => {
    expect(scraping({ name: "order", objects: order }).serviceMonitor?.spec.endpoints[0]?.port).toBe("http");
  });

  test("is not counted twice for its headless Service", () => {
    expect(order.headless?.metadata.labels).toEqual(order.service.metadata.labels);
    const [relabeling] =
      scraping({ name: "order", objects: order }).serviceMonitor?.spec.endpoints[0]?.relabelings ?? [];
    expect(relabeling).toEqual({ action: "keep", sourceLabels: ["__meta_kubernetes_service_name"], regex: "order" });
  });

  test("brings no more samples and labels than it may", () => {
    const { spec } = scraping({ name: "order", objects: order, samples: 500, labels: 12 }).serviceMonitor ?? {};
    expect(spec).toMatchObject({ sampleLimit: 500, labelLimit: 12, labelValueLengthLimit: 512, bodySizeLimit: "16MB" });
  });
});

test("a worker is scraped by a PodMonitor", () => {
  const objects = worker({ ...facts, name: "notifier", metricsPort: 9100 });
  const { podMonitor, serviceMonitor } = scraping({ name: "notifier", objects });
  expect(serviceMonitor).toBeUndefined();
  expect(podMonitor?.spec.podMetricsEndpoints?.[0]).toMatchObject({ port: "metrics", interval: "15s" });
});

test("a scrape that is more frequent than a scrape may last gives up sooner", () => {
  const { serviceMonitor } = scraping({ name: "order", objects: order, interval: "5s" });
  expect(serviceMonitor?.spec.endpoints[0]).toMatchObject({ interval: "5s", scrapeTimeout: "5s" });
});

test("labels of a program that speaks for others are stored under Prometheus' names", () => {
  const renamed = { service_name: "job" };
  const { serviceMonitor } = scraping({ name: "order", objects: order, honorLabels: true, renamed });
  expect(serviceMonitor?.spec.endpoints[0]).toMatchObject({
    honorLabels: true,
    metricRelabelings: [
      { sourceLabels: ["service_name"], regex: "(.+)", targetLabel: "job" },
      { action: "labeldrop", regex: "service_name" },
    ],
  });
});

describe("a scrape that could match nothing is refused", () => {
  test.each<readonly [string, Partial<ScrapingProps>, RegExp]>([
    ["a port that nobody opens", { port: "metrcs" }, /order: port is "metrcs", but none .* name one of http, grpc/],
    ["no port for metrics", { objects: worker({ ...facts, name: "order" }) }, /open a port named metrics/],
    ["no objects", { objects: {} }, /open a port named metrics/],
    ["pods that refuse it", { scrapedFrom: false }, /scrapedFrom is false, but then its pods refuse/],
    ["a timeout above the interval", { timeout: "20s" }, /timeout is "20s", but the next scrape begins after 15s/],
    ["a path without a slash", { path: "metrics" }, /begins with a slash/],
  ])("%s", (_, props, problem) => {
    expect(said(props)).toEqual([expect.stringMatching(problem)]);
  });
});

describe("a catalogue", () => {
  const setting = { namespace: "shop", partOf: "shop", version: "1.0.0", replicas: 1, autoscaling: false };
  const entry = { owner: "checkout", image: "registry.example.com/shop/order", calls: [] };
  const roles = (own: object) =>
    Object.keys(components(catalogue({ order: { ...entry, ...own } }), setting)["order"]?.objects ?? {});

  test.each<readonly [string, object, string | undefined]>([
    ["a service by its Service", { ports: { http: 8080 } }, "serviceMonitor"],
    ["a worker by its pods", { metricsPort: 9100 }, "podMonitor"],
    ["nothing where there are no metrics", {}, undefined],
    ["nothing where nobody is admitted", { ports: { http: 8080 }, scrapedFrom: false }, undefined],
    ["no service of gRPC alone", { ports: { grpc: 9090 } }, undefined],
  ])("scrapes %s", (_, own, role) => {
    expect(roles(own).filter((name) => name.endsWith("Monitor"))).toEqual(role === undefined ? [] : [role]);
  });

  test.each<readonly [string, object, string]>([
    [
      "a promise that nothing measures",
      { ports: { grpc: 9090 }, slo: { availability: 99 } },
      "order: ports.metrics is missing",
    ],
    [
      "a promise of pods that admit nobody",
      { ports: { http: 1 }, scrapedFrom: false, slo: { availability: 99 } },
      "order: scrapedFrom is false",
    ],
    ["a scrape of nothing", { scrape: {} }, "order: scrape.port is missing"],
    ["a misspelt property", { ports: { http: 1 }, scrape: { intervall: "5s" } }, 'did you mean "interval"?'],
  ])("refuses %s", (_, own, problem) => {
    expect(faultsOf(() => roles(own)).map(sentence)).toEqual([expect.stringContaining(problem)]);
  });
});

test("every label that scraping adds is known to the rules", () => {
  for (const { label } of LABEL_MAP) expect(TARGET_LABELS).toContain(label);
});
