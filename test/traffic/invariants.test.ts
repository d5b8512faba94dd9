import { describe, expect, test } from "vitest";
import {
  type CertificateProps,
  certificate,
  type Environment,
  environmentFaults,
  type GatewayProps,
  gateway,
  type IngressTarget,
  type IssuerProps,
  issuer,
  microservice,
  type Objects,
  type ReferenceGrantProps,
  type Route,
  referenceGrant,
  route,
  sentence,
  teamNamespace,
} from "../../components/index.ts";

const ports = { http: 8080, grpc: 9090 };
const listeners = { shop: "shop.example.com", any: "*.example.com" };
const target = { name: "edge", namespace: "edge", listeners };
const host = "shop.example.com";

const service = (name: string) =>
  microservice({
    name,
    namespace: "shop",
    image: "registry.example.com/shop/order:1.0.0",
    ports,
    calledBy: [{ namespace: "edge" }],
  });
const routes = (
  name: string,
  one: Route | readonly Route[],
  gateway: Parameters<typeof route>[0]["gateway"] = target,
) => route({ name, namespace: "shop", ports, route: one, gateway });

const gate = (rest: Partial<GatewayProps> = {}) =>
  gateway({
    name: "edge",
    namespace: "edge",
    class: "envoy",
    hosts: {
      shop: { host, certificate: { secret: "shop-tls", namespace: "shop" } },
      any: { host: "*.example.com", certificate: { secret: "any-tls", namespace: "shop" } },
    },
    routesFrom: ["shop"],
    ...rest,
  });
const tls = (name: string, hosts: readonly string[], rest: Partial<CertificateProps> = {}) =>
  certificate({
    name,
    namespace: "shop",
    owner: "platform",
    hosts,
    issuer: { name: "ca" },
    usedFrom: ["edge"],
    alerts: false,
    ...rest,
  });
const signer = (rest: Partial<IssuerProps> = { selfSigned: true }) =>
  issuer({ name: "ca", namespace: "shop", ...rest });
const grant = (kind: ReferenceGrantProps["from"][number]["kind"]) =>
  referenceGrant({
    name: "g",
    namespace: "other",
    from: [{ kind, namespace: "shop" }],
    to: { kind: "Service", names: ["order"] },
  });

/** An environment in which everything leads; a test says what differs. */
function environment(parts: Readonly<Record<string, Objects>> = {}): Environment {
  const all: Readonly<Record<string, Objects>> = {
    shop: teamNamespace({ name: "shop" }),
    "edge-namespace": teamNamespace({ name: "edge" }),
    edge: gate(),
    issuer: signer(),
    "shop-tls": tls("shop-tls", [host]),
    "any-tls": tls("any-tls", ["*.example.com"]),
    order: {
      ...service("order"),
      ...routes("order", [
        { host, path: "/orders" },
        { name: "grpc", host: "grpc.example.com", grpc: true },
      ]),
    },
    cart: { ...service("cart"), ...routes("cart", { host, path: "/cart" }) },
    ...parts,
  };
  return {
    name: "dev",
    members: Object.fromEntries(Object.entries(all).map(([name, objects]) => [name, { type: "", objects }])),
  };
}

const faults = (parts: Readonly<Record<string, Objects>>) => environmentFaults(environment(parts)).map(sentence);
const cart = (...args: Parameters<typeof routes> extends [string, ...infer R] ? R : never) => ({
  cart: { ...service("cart"), ...routes("cart", ...args) },
});

test("an environment in which every request is led has no fault", () => {
  expect(faults({})).toEqual([]);
});

describe("no two routes claim the same requests:", () => {
  test.each<readonly [string, Route | readonly Route[]]>([
    ["host and path", { host, path: "/orders" }],
    ["a slash at the end means nothing", { host, path: "/orders/" }],
    ["one of several paths", { host, path: ["/cart", "/orders"] }],
  ])("%s", (_, one) => {
    expect(faults(cart(one))).toEqual([
      'cart: route is "shop.example.com/orders", but order (route) claims that already; give one of them another path, or headers that tell them apart',
    ]);
  });

  test.each<readonly [string, Route | readonly Route[]]>([
    ["an exact path goes before the prefix", { host, path: { exact: "/orders" } }],
    ["a longer prefix goes before the shorter", { host, path: "/orders/export" }],
    ["a prefix is whole segments", { host, path: "/orders2" }],
    ["a header tells them apart", { host, path: "/orders", headers: { "X-Beta": "on" } }],
    ["a method tells them apart", { host, path: "/orders", methods: ["DELETE"] }],
    ["another host", { host: "b.example.com", path: "/orders" }],
    ["a wildcard above the host", { host: "*.example.com", path: "/orders", name: "any" }],
  ])("but not where %s", (_, one) => {
    // A wildcard would meet the host of gRPC, which is another fault.
    const kept = { ...service("order"), ...routes("order", { host, path: "/orders" }) };
    expect(faults({ order: kept, ...cart(one) })).toEqual([]);
  });

  test("headers in another order and case", () => {
    const first = { host, path: "/orders", headers: { "X-A": "1", "X-B": "2" } };
    const second = { host, path: "/orders", headers: { "x-b": "2", "x-a": "1" } };
    const order = { ...service("order"), ...routes("order", first) };
    expect(faults({ order, ...cart(second) })).toEqual([
      expect.stringMatching(/cart: route is "shop\.example\.com\/orders with x-a=1, x-b=2".*order \(route\)/),
    ]);
  });

  test("calls of gRPC", () => {
    const calls = (grpc: Route["grpc"]) => ({ host: "grpc.example.com", ...(grpc === undefined ? {} : { grpc }) });
    expect(faults(cart(calls(true)))).toEqual([
      expect.stringMatching(/cart: grpcRoute is "grpc\.example\.com every call"/),
    ]);
    expect(faults(cart(calls("shop.cart.v1.Cart")))).toEqual([]);
  });

  test("Ingresses of one class", () => {
    const ingress = (ingressClass: string): IngressTarget => ({ ingressClass, proxies: "edge", certificates: false });
    const order = { ...service("order"), ...routes("order", { host, path: "/orders" }, ingress("haproxy")) };
    expect(faults({ order, ...cart({ host, path: "/orders/" }, ingress("haproxy")) })).toEqual([
      expect.stringMatching(/cart: ingress is "shop\.example\.com\/orders", but order \(ingress\)/),
    ]);
    expect(faults({ order, ...cart({ host, path: "/orders/" }, ingress("internal")) })).toEqual([]);
  });

  test("a route twice in one object", () => {
    const two = [
      { host, path: "/cart" },
      { host, path: "/cart" },
    ];
    expect(faults(cart(two))).toEqual([expect.stringMatching(/but it claims that twice; remove one/)]);
  });
});

test.each<readonly [string, Route]>([
  ["the same host", { host: "grpc.example.com", path: "/cart" }],
  ["a wildcard above it", { host: "*.example.com", path: "/cart" }],
])("a host serves either HTTP or gRPC: %s", (_, one) => {
  expect(faults(cart(one))).toEqual([
    expect.stringMatching(/^order: grpcRoute-grpc is .*cart \(route\) serves HTTP there.*a host of its own/),
  ]);
});

describe("a route attaches somewhere:", () => {
  test.each<readonly [string, Partial<GatewayProps> | undefined, RegExp]>([
    ["the Gateway is there", undefined, /is "edge\/edge".*makes no such Gateway/],
    [
      "the listener is there",
      { hosts: { shp: { host, certificate: { secret: "shop-tls", namespace: "shop" } } } },
      /is "shop".*no such listener.*"shp"/,
    ],
    ["its namespace is admitted", { routesFrom: ["other"] }, /admits no HTTPRoute of namespace shop.*routesFrom/],
    [
      "the listener serves its host",
      { hosts: { shop: { host: "a.example.com", certificate: { secret: "any-tls", namespace: "shop" } } } },
      /hostnames is "shop\.example\.com".*no listener that it attaches to/,
    ],
  ])("%s", (_, rest, expected) => {
    const order = { ...service("order"), ...routes("order", { host }) };
    const found = faults({ order, cart: {}, edge: rest === undefined ? {} : gate(rest) });
    expect(found).toContainEqual(expect.stringMatching(/^order: route\.(parentRefs|hostnames) .*/));
    expect(found).toContainEqual(expect.stringMatching(expected));
  });

  test("a Gateway of somebody else is not judged", () => {
    expect(faults(cart({ host, path: "/cart" }, { ...target, namespace: "elsewhere" }))).toEqual([]);
  });
});

describe("a route leads to a Service:", () => {
  test("that is there, and has the port", () => {
    expect(faults({ cart: routes("cart", { host, path: "/cart" }) })).toEqual([
      expect.stringMatching(/^cart: route\.backend is "cart".*no such Service/),
    ]);
    const other = route({
      name: "cart",
      namespace: "shop",
      ports: { http: 8081 },
      route: { host, path: "/cart" },
      gateway: target,
    });
    expect(faults({ cart: { ...service("cart"), ...other } })).toEqual([
      expect.stringMatching(/^cart: route\.backend is 8081.*use one of 8080 \(http\), 9090 \(grpc\)/),
    ]);
  });

  test("of the canary too", () => {
    const canary = route({
      name: "cart",
      namespace: "shop",
      ports,
      route: { host, path: "/cart" },
      gateway: target,
      canary: "cart-canary",
    });
    expect(faults({ cart: { ...service("cart"), ...canary } })).toEqual([
      expect.stringMatching(/"cart-canary".*no such Service/),
    ]);
  });

  test("of another namespace only where that grants it, to that kind of route", () => {
    const order = microservice({
      name: "order",
      namespace: "other",
      image: "registry.example.com/shop/order:1.0.0",
      ports,
    });
    const copied = { host, path: "/cart", mirror: { service: "order", namespace: "other" } };
    const parts = { other: teamNamespace({ name: "other" }), next: order, ...cart(copied) };
    const ungranted = [
      expect.stringMatching(
        /^cart: route\.backend is "other\/order".*refer to it; make a referenceGrant in namespace other/,
      ),
    ];
    expect(faults(parts)).toEqual(ungranted);
    expect(faults({ ...parts, grant: grant("GRPCRoute") })).toEqual(ungranted);
    expect(faults({ ...parts, grant: grant("HTTPRoute") })).toEqual([]);
  });
});

describe("what is served by TLS has a certificate:", () => {
  test.each<readonly [string, Readonly<Record<string, Objects>>, RegExp]>([
    [
      "that somebody makes",
      { "shop-tls": {} },
      /^edge: gateway\.listeners\.shop is "shop\/shop-tls".*nobody makes that Secret/,
    ],
    [
      "for that host",
      { "shop-tls": tls("shop-tls", ["www.example.com"]) },
      /listeners\.shop is "shop\.example\.com".*for www\.example\.com only; add shop/,
    ],
    [
      "for the hosts of its routes",
      cart({ host: "a.b.example.com" }),
      /listeners\.any is "a\.b\.example\.com".*for \*\.example\.com only/,
    ],
    [
      "that its Gateway may read",
      { "shop-tls": tls("shop-tls", [host], { usedFrom: ["other"] }) },
      /nothing there lets a Gateway of namespace edge.*usedFrom/,
    ],
    [
      "in a Secret of its own",
      { other: tls("other", [host], { secret: "shop-tls" }) },
      /^other: certificate\.secret.*each would overwrite/,
    ],
    ["from an issuer that is there", { issuer: {} }, /certificate\.issuer is "ca".*has no such Issuer/],
    [
      "whose issuer can prove a wildcard",
      {
        issuer: signer({ acme: { email: "a@example.com", http01: { gateway: { name: "edge", namespace: "edge" } } } }),
      },
      /^any-tls: certificate\.hosts is "\*\.example\.com".*no wildcard.*dns01/,
    ],
    [
      "in an Ingress too",
      cart({ host }, { ingressClass: "haproxy", proxies: "edge", certificates: { [host]: "shp-tls" } }),
      /^cart: ingress\.tls is "shop\/shp-tls".*"shop\/shop-tls"/,
    ],
  ])("%s", (_, parts, expected) => {
    expect(faults(parts)).toContainEqual(expect.stringMatching(expected));
  });

  test("a listener of somebody's own making without one is seen", () => {
    const { gateway: one } = gate();
    const spec = { ...one.spec, listeners: one.spec?.listeners.map(({ tls: _, ...listener }) => listener) };
    const broken = { gateway: { ...one, spec } };
    expect(faults({ edge: broken })).toContainEqual(
      expect.stringMatching(/gateway\.listeners\.shop.*has no certificate/),
    );
  });

  test("a wildcard by DNS, and a Secret that is fetched, are fine", () => {
    const dns01 = { route53: { region: "eu-central-1" } };
    expect(faults({ issuer: signer({ acme: { email: "a@example.com", dns01 } }) })).toEqual([]);
    const metadata = { name: "shop-tls", namespace: "shop" };
    const fetched = {
      secret: {
        apiVersion: "external-secrets.io/v1",
        kind: "ExternalSecret",
        metadata,
        spec: { secretStoreRef: { kind: "ClusterSecretStore", name: "v" } },
      },
    };
    const { grant: given } = tls("shop-tls", [host]);
    expect(faults({ "shop-tls": { ...fetched, ...(given === undefined ? {} : { grant: given }) } })).toEqual([]);
  });
});
