import { describe, expect, test } from "vitest";
import { type Route, type RouteProps, route, sentence } from "../../components/index.ts";
import { ingressExample, routeExample } from "../../examples/components/route.ts";
import { faultsOf } from "../core/faults-of.ts";
import { edge, envoy, ingressOnly, routed } from "./order.ts";

const said = (props: RouteProps) => faultsOf(() => route(props)).map(sentence);
const host = "shop.example.com";
const retries = { attempts: 2, perTry: "1s" };

describe("a route with nothing but a host", () => {
  const objects = route(routed({}));

  test("is one HTTPRoute, at the listener of that host only, so that plain HTTP is not served", () => {
    expect(Object.keys(objects)).toEqual(["route"]);
    expect(objects.route?.metadata).toMatchObject({ name: "order", namespace: "shop" });
    expect(objects.route?.spec).toEqual({
      parentRefs: [
        { group: "gateway.networking.k8s.io", kind: "Gateway", namespace: "edge", name: "edge", sectionName: "shop" },
      ],
      hostnames: [host],
      rules: [
        {
          matches: [{ path: { type: "PathPrefix", value: "/" } }],
          backendRefs: [{ group: "", kind: "Service", name: "order", port: 8080, weight: 1 }],
        },
      ],
    });
  });
});

describe("a route that says everything", () => {
  const { route: http, grpcRoute: grpc } = routeExample;
  const partners = routeExample["route-partners"];

  test("is an object for each protocol and name, and a policy for each rule with retries or a timeout of gRPC", () => {
    expect(Object.keys(routeExample)).toEqual([
      "route",
      "trafficPolicy-http-rule-1",
      "grpcRoute",
      "trafficPolicy-grpc-rule-1",
      "route-partners",
    ]);
    expect(partners?.metadata.name).toBe("order-partners");
  });

  test("matches prefixes and exact paths with methods, and headers by value or pattern", () => {
    expect(http?.spec?.rules?.[0]?.matches).toEqual([
      { path: { type: "PathPrefix", value: "/orders" }, method: "GET" },
      { path: { type: "Exact", value: "/order" }, method: "GET" },
    ]);
    expect(http?.spec?.rules?.[2]?.matches).toEqual([
      { path: { type: "PathPrefix", value: "/v2/orders" }, headers: [{ type: "Exact", name: "X-Beta", value: "on" }] },
    ]);
    expect(partners?.spec?.rules?.[0]?.matches?.[0]?.headers).toEqual([
      { type: "RegularExpression", name: "X-Partner", value: "^[a-z]+-[0-9]+$" },
    ]);
  });

  test("attaches hosts under a wildcard to its listener once", () => {
    expect(partners?.spec?.parentRefs).toHaveLength(1);
    expect(partners?.spec?.parentRefs?.[0]?.sectionName).toBe("partners");
  });

  test("mirrors a share to another Service at the route's own port", () => {
    expect(http?.spec?.rules?.[1]?.filters).toEqual([
      {
        type: "RequestMirror",
        requestMirror: { backendRef: { group: "", kind: "Service", name: "order-next", port: 8080 }, percent: 10 },
      },
    ]);
  });

  test("calls of gRPC are matched by service and method and go to the port for gRPC", () => {
    expect(grpc?.spec?.rules?.[0]?.matches).toEqual([
      { method: { type: "Exact", service: "shop.order.v1.Orders" } },
      { method: { type: "Exact", service: "shop.status.v1.Status", method: "Get" } },
    ]);
    expect(grpc?.spec?.rules?.[0]?.backendRefs?.[0]?.port).toBe(9090);
  });

  test("a policy names the rule that it is for", () => {
    expect(http?.spec?.rules?.map(({ name }) => name)).toEqual(["rule-1", undefined, undefined]);
    expect(routeExample["trafficPolicy-http-rule-1"]?.spec).toEqual({
      targetRefs: [{ group: "gateway.networking.k8s.io", kind: "HTTPRoute", name: "order", sectionName: "rule-1" }],
      retry: {
        numRetries: 2,
        perRetry: { timeout: "3s", backOff: { baseInterval: "50ms" } },
        retryOn: {
          triggers: ["connect-failure", "refused-stream", "retriable-status-codes"],
          httpStatusCodes: [502, 503],
        },
      },
      timeout: { http: { requestTimeout: "10s" } },
    });
    expect(routeExample["trafficPolicy-grpc-rule-1"]?.spec).toEqual({
      targetRefs: [{ group: "gateway.networking.k8s.io", kind: "GRPCRoute", name: "order", sectionName: "rule-1" }],
      timeout: { http: { requestTimeout: "5s" } },
    });
  });
});

test("all calls of gRPC are a rule without matches, or with headers alone", () => {
  const rules = (one: Partial<Route>) =>
    route(routed({ host: "grpc.example.com", grpc: true, ...one })).grpcRoute?.spec?.rules;
  expect(rules({})).toEqual([{ backendRefs: [expect.objectContaining({ port: 9090 })] }]);
  expect(rules({ headers: { a: "b" } })?.[0]?.matches).toEqual([
    { headers: [{ type: "Exact", name: "a", value: "b" }] },
  ]);
});

test("the canary's Service stands beside the stable one, with no weight yet, in every rule", () => {
  const two = [
    { host, path: "/a" },
    { host: "grpc.example.com", grpc: true },
  ] as const;
  const objects = route(routed(two, { canary: "order-canary" }));
  for (const { spec } of [objects.route, objects.grpcRoute].flatMap((one) => one ?? [])) {
    expect(spec?.rules?.[0]?.backendRefs?.map(({ name, weight }) => [name, weight])).toEqual([
      ["order", 100],
      ["order-canary", 0],
    ]);
  }
});

test("the experimental channel has retries in the rule itself", () => {
  const one = { timeout: "5s", retries: { ...retries, codes: [503] }, methods: ["GET"] } as const;
  const objects = route(routed(one, { gateway: { ...edge, dialect: "experimental" } }));
  expect(Object.keys(objects)).toEqual(["route"]);
  expect(objects.route?.spec?.rules?.[0]).toMatchObject({
    timeouts: { request: "5s", backendRequest: "1s" },
    retry: { attempts: 2, backoff: "100ms", codes: [503] },
  });
});

test("a rewrite with several methods is a rule for each, because a rule that rewrites matches one thing", () => {
  const rules = route(routed({ path: "/stock", rewrite: "/", methods: ["GET", "HEAD"] })).route?.spec?.rules;
  expect(rules?.map(({ matches }) => matches)).toEqual([
    [{ path: { type: "PathPrefix", value: "/stock" }, method: "GET" }],
    [{ path: { type: "PathPrefix", value: "/stock" }, method: "HEAD" }],
  ]);
  expect(rules?.[0]?.filters).toEqual([
    { type: "URLRewrite", urlRewrite: { path: { type: "ReplacePrefixMatch", replacePrefixMatch: "/" } } },
  ]);
});

test("a cluster without Gateway API gets an Ingress of the chosen class, with the certificate of its host", () => {
  expect(Object.keys(ingressExample)).toEqual(["ingress"]);
  expect(ingressExample.ingress?.spec).toEqual({
    ingressClassName: "haproxy",
    tls: [{ hosts: [host], secretName: "shop-tls" }],
    rules: [
      {
        host,
        http: {
          paths: [
            { path: "/orders", pathType: "Prefix", backend: { service: { name: "order", port: { number: 8080 } } } },
            { path: "/order", pathType: "Exact", backend: { service: { name: "order", port: { number: 8080 } } } },
          ],
        },
      },
    ],
  });
  expect(route(routed({}, { gateway: { ...ingressOnly, certificates: false } })).ingress?.spec).not.toHaveProperty(
    "tls",
  );
});

describe("a route is refused, with place, value and remedy, for", () => {
  test.each<readonly [what: string, props: RouteProps, expected: RegExp]>([
    [
      "a port that the service lacks",
      routed({ port: "htpp" }),
      /route\.port is "htpp".*does not have; did you mean "http"/,
    ],
    [
      "no port at all",
      routed({}, { ports: {} }),
      /route\.port is missing.*port http.*open one: ports: \{ http: 8080 \}/,
    ],
    [
      "gRPC without its port",
      routed({ host: "grpc.example.com", grpc: true }, { ports: { http: 8080 } }),
      /route\.port is missing.*calls of gRPC.*ports: \{ grpc: 9090 \}.*one of http/,
    ],
    [
      "a host that no listener serves",
      routed({ host: "shp.example.com" }),
      /route\.host is "shp\.example\.com".*edge\/edge.*"shop\.example\.com"/,
    ],
    [
      "a host as an address of the web",
      routed({ host: "https://shop.example.com/x" }),
      /scheme.*write "shop\.example\.com"/,
    ],
    ["a host in capitals", routed({ host: "Shop.example.com" }), /write "shop\.example\.com"/],
    ["a host that is an IP address", routed({ host: "10.0.0.1" }), /no host name/],
    ["a host twice", routed({ host: [host, host] }), /route\.host\.1.*twice/],
    ["a path without a slash", routed({ path: "orders" }), /route\.path is "orders".*use "\/orders"/],
    ["a path with a query", routed({ path: "/orders?x=1" }), /query.*use "\/orders"/],
    ["a path as a pattern", routed({ path: "/orders/*" }), /no pattern.*use "\/orders"/],
    ["dots in a path", routed({ path: "/a/../b" }), /another path/],
    ["letters that must be encoded", routed({ path: "/bücher" }), /percent-encoded/],
    ["a path twice", routed({ path: ["/a", "/a/"] }), /route\.path\.1 is "\/a\/".*twice/],
    [
      "a rewrite of an exact path",
      routed({ path: { exact: "/a" }, rewrite: "/b" }),
      /route\.rewrite is "\/b".*only one prefix/,
    ],
    ["a rewrite of several paths", routed({ path: ["/a", "/c"], rewrite: "/b" }), /only one prefix/],
    [
      "a path of gRPC",
      routed({ host: "grpc.example.com", grpc: true, path: "/a" }),
      /route\.path is "\/a".*service and method/,
    ],
    ["a call that is none", routed({ host: "grpc.example.com", grpc: "shop orders" }), /no call of gRPC/],
    ["a header twice", routed({ headers: { "X-A": "1", "x-a": "2" } }), /x-a stands there twice/],
    ["the header Host", routed({ headers: { Host: "a" } }), /write host instead/],
    ["a pattern that is none", routed({ headers: { a: { pattern: "(" } } }), /no regular expression/],
    ["a pattern that RE2 lacks", routed({ headers: { a: { pattern: "a(?=b)" } } }), /RE2/],
    ["a timeout above the drain", routed({ timeout: "45s" }), /route\.timeout is "45s".*drains 30s only.*longer drain/],
    ["a timeout of fractions", routed({ timeout: "1.5s" }), /use "1500ms"/],
    ["a timeout of zero", routed({ timeout: "0s" }), /for ever/],
    [
      "retries without an end",
      routed({ retries }, { gateway: envoy }),
      /route\.timeout is missing.*give for example "3300ms"/,
    ],
    [
      "retries above the timeout",
      routed({ retries: { attempts: 5, perTry: "1s" }, timeout: "4s" }, { gateway: envoy }),
      /route\.retries.*up to 9100 ms, and the timeout is 4s; use attempts: 2,/,
    ],
    [
      "retries that no number makes fit",
      routed({ retries: { attempts: 5, perTry: "4s" }, timeout: "4s" }, { gateway: envoy }),
      /; use a longer timeout or a shorter perTry/,
    ],
    [
      "repeating what may have been done",
      routed({ retries: { ...retries, codes: [503] }, timeout: "9s" }, { gateway: envoy }),
      /route\.retries\.codes.*POST.*would be again.*methods: \["GET"\]/,
    ],
    [
      "repeating the client's fault",
      routed({ retries: { ...retries, codes: [404] }, timeout: "9s" }, { gateway: envoy }),
      /codes\.0 is 404.*503/,
    ],
    [
      "retries in the standard channel",
      routed({ retries, timeout: "9s" }),
      /standard channel.*no retries.*"envoy-gateway".*"experimental"/,
    ],
    [
      "a timeout of gRPC in the standard channel",
      routed({ host: "grpc.example.com", grpc: true, timeout: "9s" }),
      /timeouts of gRPC.*"envoy-gateway"/,
    ],
    [
      "codes of gRPC",
      routed(
        { host: "grpc.example.com", grpc: true, timeout: "9s", retries: { ...retries, codes: [503] } },
        { gateway: envoy },
      ),
      /answered 200/,
    ],
    [
      "two routes of one name with different hosts",
      routed([{ host }, { host: "a.partners.example.com" }]),
      /route\.1\.host is "a\.partners.*same object.*name: "partners"/,
    ],
    [
      "more rules than one object may have",
      routed(Array.from({ length: 17 }, (_, index) => ({ host, path: `/p${index}` }))),
      /route\.16.*more than 16 rules/,
    ],
    [
      "a Gateway without listeners",
      routed({}, { gateway: { ...edge, listeners: {} } }),
      /gateway\.listeners.*serves nobody/,
    ],
    [
      "a weight in an Ingress",
      routed({}, { gateway: ingressOnly, canary: "order-canary" }),
      /canary.*no weights.*by replicas/,
    ],
    [
      "a host without a certificate in an Ingress",
      routed({ host: "a.example.com" }, { gateway: ingressOnly }),
      /no certificate/,
    ],
  ])("%s", (_, props, expected) => {
    expect(said(props)).toEqual([expect.stringMatching(expected)]);
  });

  test.each<readonly [keyof Route, Partial<Route>]>([
    ["methods", { methods: ["GET"] }],
    ["headers", { headers: { a: "b" } }],
    ["rewrite", { path: "/a", rewrite: "/" }],
    ["timeout", { timeout: "5s" }],
    ["mirror", { mirror: { service: "next" } }],
    ["grpc", { grpc: true }],
  ])("%s of an Ingress", (key, one) => {
    expect(said(routed(one, { gateway: ingressOnly }))).toEqual([
      expect.stringMatching(new RegExp(`route\\.${key} is .*Ingress cannot say that.*give the environment a Gateway`)),
    ]);
  });

  test("retries and a timeout of gRPC in the experimental channel, which has neither", () => {
    const one = { host: "grpc.example.com", grpc: true, retries, timeout: "9s" } as const;
    expect(said(routed(one, { gateway: { ...edge, dialect: "experimental" } }))).toEqual([
      expect.stringMatching(/route\.retries.*no retries of gRPC.*"envoy-gateway"/),
      expect.stringMatching(/route\.timeout.*no timeouts of gRPC.*"envoy-gateway"/),
    ]);
  });

  test("several faults at once", () => {
    const two = [
      { host: "x", path: "y" },
      { host: "z", port: "q" },
    ] as const;
    expect(said(routed(two))).toHaveLength(1);
    expect(said(routed([{ host: "x" }, { host: "z", port: "q" }]))).toHaveLength(4);
  });
});
