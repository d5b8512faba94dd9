import { describe, expect, test } from "vitest";
import {
  type Catalogue,
  catalogue,
  components,
  type EnvironmentGateway,
  type HttpRoute,
  type NetworkPolicy,
  type Setting,
  sentence,
} from "../../components/index.ts";
import { faultsOf } from "../core/faults-of.ts";
import { edge, envoy, ingressOnly } from "./order.ts";

const image = "registry.example.com/shop/order";
const order = { owner: "checkout", image, ports: { http: 8080, grpc: 9090 }, calls: [] } as const;
const host = "shop.example.com";

function setting(gateway?: EnvironmentGateway): Setting {
  const own = { namespace: "shop", partOf: "shop", version: "1.0.0", replicas: 1, autoscaling: false };
  return gateway === undefined ? own : { ...own, gateway };
}

function made(entries: Catalogue, gateway: EnvironmentGateway = envoy) {
  const members = components(entries, setting(gateway));
  return (name: string) => members[name]?.objects ?? {};
}

/** Where a service lets requests in from: namespace -> ports. */
function admitted(policy: unknown): Readonly<Record<string, readonly unknown[]>> {
  const rules = (policy as NetworkPolicy).spec?.ingress ?? [];
  return Object.fromEntries(
    rules.flatMap(({ from = [], ports = [] }) =>
      from.map((peer) => [
        String(peer.namespaceSelector?.matchLabels?.["kubernetes.io/metadata.name"]),
        ports.map(({ port }) => port),
      ]),
    ),
  );
}

const said = (entries: unknown, gateway?: EnvironmentGateway) =>
  faultsOf(() => components(entries as Catalogue, setting(gateway))).map(sentence);

describe("a service with a route", () => {
  const own = made({ order: { ...order, route: { host, path: "/orders" } } })("order");

  test("has it beside its other objects", () => {
    expect(own["route"]).toMatchObject({ kind: "HTTPRoute", metadata: { name: "order", namespace: "shop" } });
  });

  test("lets the gateway's proxies in to the port of the route, and to no other", () => {
    expect(admitted(own["networkPolicy"])).toMatchObject({ edge: [8080] });
    const elsewhere = made({ order: { ...order, route: { host } } }, { ...edge, proxies: "envoy-gateway-system" });
    expect(admitted(elsewhere("order")["networkPolicy"])).toMatchObject({ "envoy-gateway-system": [8080] });
  });

  test("without one lets nobody in from there", () => {
    expect(admitted(made({ order })("order")["networkPolicy"])).not.toHaveProperty("edge");
  });

  test("is known by another host where the environment says so", () => {
    const gateway = { ...edge, listeners: { shop: "shop.dev.example.com" }, hosts: { [host]: "shop.dev.example.com" } };
    const { route } = made({ order: { ...order, route: { host } } }, gateway)("order");
    expect((route as HttpRoute).spec?.hostnames).toEqual(["shop.dev.example.com"]);
  });

  test("that copies requests opens the copied service to the gateway too, by the port of the same name", () => {
    const entries = catalogue({
      order: { ...order, route: { host, mirror: { service: "next" } } },
      next: { ...order, ports: { http: 8081 } },
    });
    const objects = made(entries);
    expect(JSON.stringify(objects("order")["route"])).toContain('"name":"next","port":8081');
    expect(admitted(objects("next")["networkPolicy"])).toMatchObject({ edge: [8081] });
  });

  test("that was something else before is reached by the names and ports of its Service", () => {
    const adopted = { names: { service: "order-svc" }, servicePorts: { http: 80 } };
    const objects = made({ order: { ...order, adopted, route: { host } } })("order");
    expect((objects["route"] as HttpRoute).spec?.rules?.[0]?.backendRefs).toEqual([
      { group: "", kind: "Service", name: "order-svc", port: 80, weight: 1 },
    ]);
    expect(admitted(objects["networkPolicy"])).toMatchObject({ edge: [8080] });
  });

  test("has an Ingress from the same words where the cluster has no Gateway API", () => {
    const objects = made({ order: { ...order, route: { host, path: "/orders" } } }, ingressOnly)("order");
    expect(objects["ingress"]).toMatchObject({ kind: "Ingress", spec: { ingressClassName: "haproxy" } });
    expect(objects).not.toHaveProperty("route");
    expect(admitted(objects["networkPolicy"])).toMatchObject({ "haproxy-controller": [8080] });
  });

  test("copies only to services that are declared, by the compiler's word too", () => {
    // @ts-expect-error: "nxt" is no key of this catalogue
    catalogue({ order: { ...order, route: { host, mirror: { service: "nxt" } } }, next: order });
    expect(() =>
      catalogue({ order: { ...order, route: { host, mirror: { service: "next" } } }, next: order }),
    ).not.toThrow();
  });
});

describe("an entry is refused, with place, value and remedy, for", () => {
  test.each<readonly [what: string, entries: unknown, gateway: EnvironmentGateway | undefined, expected: RegExp]>([
    [
      "a route where there is no gateway",
      { order: { ...order, route: { host } } },
      undefined,
      /^order: route is .*no gateway.*row a gateway/,
    ],
    ["a misspelt property", { order: { ...order, route: { host, pth: "/" } } }, edge, /^order: route\.pth.*"path"/],
    ["a route of no host", { order: { ...order, route: { path: "/" } } }, edge, /^order: route\.host is missing/],
    [
      "a port that is not there",
      { order: { ...order, route: { host, port: "web" } } },
      edge,
      /^order: route\.port is "web"/,
    ],
    [
      "the second of two routes",
      { order: { ...order, route: [{ host }, { host, path: "x" }] } },
      edge,
      /^order: route\.1\.path is "x"/,
    ],
    [
      "a timeout above its own drain",
      { order: { ...order, drain: "10s", route: { host, timeout: "20s" } } },
      edge,
      /^order: route\.timeout is "20s".*10s only/,
    ],
    [
      "copies to nobody",
      { order: { ...order, route: { host, mirror: { service: "nxt" } } }, next: order },
      edge,
      /^order: route\.mirror\.service is "nxt".*did you mean "next"/,
    ],
    [
      "copies to a port that is not there",
      { order: { ...order, route: { host, mirror: { service: "next" } } }, next: { ...order, ports: { grpc: 9090 } } },
      edge,
      /^order: route\.mirror\.port.*next has no port http.*9090 \(grpc\)/,
    ],
    [
      "a route of a job",
      { sweep: { owner: "o", image, calls: [], schedule: "0 3 * * *", route: { host } } },
      edge,
      /^sweep: route.*no ports/,
    ],
    [
      "a route of a worker",
      { mail: { owner: "o", image, calls: [], route: { host } } },
      edge,
      /^mail: route.*no ports/,
    ],
  ])("%s", (_, entries, gateway, expected) => {
    expect(said(entries, gateway)).toEqual([expect.stringMatching(expected)]);
  });

  test("ports of its own once, however many routes lead to them", () => {
    expect(
      said({ order: { ...order, ports: { http: 0 }, route: [{ host }, { host, path: "/a" }] } }, edge),
    ).toHaveLength(1);
  });
});
