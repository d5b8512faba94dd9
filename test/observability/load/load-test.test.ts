import { describe, expect, test } from "vitest";
import { type Catalogue, components, loadTests } from "../../../components/index.ts";
import { type LoadTestProps, loadTestScript, type ServiceLoad } from "../../../components/observability/index.ts";
import { faultsOf } from "../../core/faults-of.ts";
import { order } from "../order.ts";

const look = { path: "/orders/1" };
const props = (rest: Partial<LoadTestProps> = {}): LoadTestProps => ({
  environment: "dev",
  level: order({
    objectives: { availability: { availability: 99.9 }, fast: { latency: { percentile: 99, under: "750ms" } } },
  }),
  load: { requests: { look } },
  http: "http://order.shop:8080",
  grpc: "order.shop:9090",
  ...rest,
});

/** What k6 would read of a script without running it. */
function requestsOf(script: string): Record<string, { readonly share: number; readonly tags: object }> {
  const [, text = "{}"] = /^const REQUESTS = (\{.*?^\});$/ms.exec(script) ?? [];
  return JSON.parse(text) as Record<string, { readonly share: number; readonly tags: object }>;
}

describe("a load test", () => {
  test("holds the objectives, asks at the service's address, and takes refusals as answers", () => {
    const script = loadTestScript(props());
    expect(script).toContain('"rate<=0.001"');
    expect(script).toContain('"p(99)<=750"');
    expect(script).toContain('const HTTP = __ENV.HTTP || "http://order.shop:8080";');
    expect(script).toContain("http.expectedStatuses({ min: 200, max: 499 })");
    expect(script).not.toContain("grpc");
  });

  test("shares its rate among the requests", () => {
    const requests = { look: { ...look, share: 9 }, list: { path: "/orders?state=open" } };
    const script = loadTestScript(props({ load: { requests, rate: 200, ramp: "1m", hold: "1m30s" } }));
    expect(requestsOf(script)).toMatchObject({ look: { share: 0.9 }, list: { share: 0.1 } });
    expect(script).toContain("Number(__ENV.RATE || 200)");
    expect(script).toContain('__ENV.RAMP || "60s"');
    expect(script).toContain('__ENV.HOLD || "90s"');
  });

  test("tags a request for every objective that it counts for, and for no other", () => {
    const level = order({
      objectives: {
        all: { availability: 99 },
        one: { availability: 99.9, route: "/orders/{id}" },
        fast: { latency: { percentile: 99, under: "750ms" }, route: "/orders/*" },
      },
    });
    const script = loadTestScript(props({ level, load: { requests: { look, list: { path: "/orders" } } } }));
    expect(requestsOf(script)).toMatchObject({
      look: { tags: { "order-one": "yes", "order-fast": "yes" } },
      list: { tags: {} },
    });
    expect(script).toContain('"http_req_failed{order-one:yes}"');
    expect(script).toContain('"http_req_duration{expected_response:true,order-fast:yes}"');
  });

  test("calls gRPC by its contract, and counts what OpenTelemetry calls a server's error", () => {
    const level = order({ protocol: "grpc" });
    const requests = { get: { call: "shop.order.v1.Orders/GetOrder", proto: "api/order.proto", message: { id: "1" } } };
    const script = loadTestScript(props({ level, load: { requests } }), "../..");
    expect(script).toContain('client.load(["../.."], "api/order.proto");');
    expect(script).toContain('"rate>=0.999"');
    expect(script).toContain("grpc.StatusUnavailable");
    expect(script).not.toContain("k6/http");
  });

  test.each<[string, Partial<LoadTestProps>, string]>([
    [
      "an objective that no request is about, which k6 would call met",
      { level: order({ objectives: { pay: { availability: 99.9, route: "/pay" } } }) },
      "but no request is about /pay, so pay would be held whatever happens",
    ],
    ["HTTP alone for objectives of gRPC", { level: order({ protocol: "grpc" }) }, "but no request is about gRPC"],
    ["no request at all", { load: { requests: {} } }, "but no request is about HTTP"],
    [
      "objectives that are about no requests",
      {
        level: order({
          objectives: { fresh: { freshness: { percent: 99, under: "10m", timestamp: "export_timestamp_seconds" } } },
          metrics: { export_timestamp_seconds: { type: "gauge" } },
        }),
      },
      "but none of them is about requests",
    ],
  ])("refuses %s", (_, rest, problem) => {
    const [fault] = faultsOf(() => loadTestScript(props(rest)));
    expect(fault?.problem).toContain(problem);
  });
});

describe("load in a catalogue's entry", () => {
  const entry = { owner: "a", image: "i", ports: { http: 8080 }, calls: [] };
  const setting = { namespace: "shop", partOf: "shop", version: "1", replicas: 1, autoscaling: false };
  const said = (load: ServiceLoad): Catalogue => ({ order: { ...entry, slo: { availability: 99.9, load } } });

  test("is no part of any object", () => {
    const without = { order: { ...entry, slo: { availability: 99.9 } } };
    expect(components(said({ requests: { look }, rate: 7 }), setting)).toEqual(components(without, setting));
  });

  test.each<[ServiceLoad, string, string]>([
    [{ requests: {} }, "slo.load.requests", "but then nothing is asked"],
    [{ requests: { Look: look } }, "slo.load.requests.Look", "but it becomes a name in k6's report"],
    [{ requests: { look: {} } }, "slo.load.requests.look", "but a request is either HTTP or gRPC"],
    [{ requests: { look: { path: "orders" } } }, "slo.load.requests.look.path", "but a path begins with a slash"],
    [{ requests: { look: { path: "/orders/{id}" } } }, "slo.load.requests.look.path", "but nobody fills in {id}"],
    [{ requests: { look: { path: "/", message: {} } } }, "slo.load.requests.look.message", "but HTTP has none"],
    [
      { requests: { get: { call: "a.B/C", proto: "a.proto" } } },
      "slo.load.requests.get.call",
      "but no port is called grpc",
    ],
    [{ requests: { get: { call: "Get" } } }, "slo.load.requests.get.call", "but it is no method of gRPC"],
    [{ requests: { look: { ...look, share: 0 } } }, "slo.load.requests.look.share", "but then it never comes"],
    [{ hold: "0s" }, "slo.load.hold", "but a load takes its time"],
    [{ rate: 0 }, "slo.load.rate", ""],
  ])("%j is refused", (load, path, problem) => {
    const faults = faultsOf(() => components(said(load), setting));
    expect(faults[0]).toMatchObject({ component: "order", path });
    expect(faults[0]?.problem).toContain(problem);
  });

  test("a call without its contract is refused", () => {
    const ports = { grpc: 9090, http: 8080 };
    const requests = { get: { call: "a.B/C" } };
    const entries: Catalogue = { order: { ...entry, ports, slo: { availability: 99.9, load: { requests } } } };
    expect(faultsOf(() => components(entries, setting))).toMatchObject([{ path: "slo.load.requests.get.proto" }]);
  });

  const tests = (entries: Catalogue) => loadTests(entries, { namespace: "shop", partOf: "shop", environment: "dev" });

  test("is made of the routes where it names no requests, as the service sees their paths", () => {
    const host = "shop.example.com";
    const route = [
      { host, path: "/stock", rewrite: "/items" },
      { host, path: ["/orders", { exact: "/orders" }] },
      { host, path: "/pay", methods: ["POST"] as const },
    ];
    const { order: made } = tests({ order: { ...entry, route, slo: { availability: 99.9 } } });
    expect(made?.load.requests).toEqual({ "route-1": { path: "/items" }, "route-2": { path: "/orders" } });
    expect(made).toMatchObject({ http: "http://order.shop:8080", environment: "dev" });
  });

  test("needs a promise and ports", () => {
    const worker = { owner: "a", image: "i", calls: [] };
    expect(Object.keys(tests({ order: entry, worker }))).toEqual([]);
  });

  test("without requests and without routes there is nothing to ask", () => {
    const { order: made } = tests({ order: { ...entry, slo: { availability: 99.9 } } });
    expect(faultsOf(() => made && loadTestScript(made))).toHaveLength(1);
  });
});
