import { describe, expect, test } from "vitest";
import { sentence } from "../../../components/core/fault.ts";
import { faultsOf } from "../../core/faults-of.ts";
import { ambient, regional, routesOf, sidecars, user } from "./mesh.ts";

const principals = (...names: readonly string[]) => names.map((name) => `cluster.local/ns/shop/sa/${name}`);

describe("who may call", () => {
  test("the accounts of the callers, at the service's ports, and nobody else", () => {
    expect(user().authorizationPolicy.spec).toEqual({
      selector: { matchLabels: { "app.kubernetes.io/name": "user" } },
      action: "ALLOW",
      rules: [
        { from: [{ source: { principals: principals("order") } }], to: [{ operation: { ports: ["8080", "9090"] } }] },
      ],
    });
  });

  test("Prometheus at the metrics port only, and the gateway where a route leads in", () => {
    const mesh = { ...sidecars, gateways: [{ namespace: "edge", serviceAccount: "shop" }, { namespace: "proxies" }] };
    const { spec } = user({
      mesh,
      fromGateways: true,
      ports: { http: 8080, metrics: 9100 },
      scraped: { namespace: "monitoring", port: 9100 },
    }).authorizationPolicy;
    expect(spec).toMatchObject({
      rules: [
        {
          from: [
            { source: { principals: [...principals("order"), "cluster.local/ns/edge/sa/shop"] } },
            { source: { namespaces: ["proxies"] } },
          ],
          to: [{ operation: { ports: ["8080"] } }],
        },
        {
          from: [{ source: { principals: ["cluster.local/ns/monitoring/sa/prometheus-k8s"] } }],
          to: [{ operation: { ports: ["9100"] } }],
        },
      ],
    });
  });

  test("nobody, of a service that nobody calls: a policy without rules admits nothing", () => {
    expect(user({ callers: [] }).authorizationPolicy.spec).toMatchObject({ action: "ALLOW", rules: [] });
  });

  test("in mode ambient the waypoint tells callers apart, and nobody goes past it", () => {
    const { authorizationPolicy, waypointOnly } = user({
      mesh: ambient,
      scraped: { namespace: "monitoring", port: 8080 },
    });
    expect(authorizationPolicy.spec).toMatchObject({ targetRefs: [{ group: "", kind: "Service", name: "user" }] });
    expect(authorizationPolicy.spec).not.toHaveProperty("selector");
    expect(waypointOnly?.spec).toMatchObject({
      selector: { matchLabels: { "app.kubernetes.io/name": "user" } },
      rules: [
        { from: [{ source: { principals: principals("waypoint") } }] },
        { from: [{ source: { principals: ["cluster.local/ns/monitoring/sa/prometheus-k8s"] } }] },
      ],
    });
  });

  test("accounts under another trust domain and of another name", () => {
    const mesh = { ...sidecars, trustDomain: "shop.example.com" };
    const { spec } = user({
      mesh,
      callers: [{ name: "order", namespace: "web", serviceAccount: "order-sa" }],
    }).authorizationPolicy;
    expect(JSON.stringify(spec)).toContain("shop.example.com/ns/web/sa/order-sa");
  });
});

describe("how it is called", () => {
  test("within three seconds; only what never reached the program is tried again, and a try is never cut off", () => {
    expect(routesOf(user())).toEqual([
      {
        name: "default",
        route: [{ destination: { host: "user.shop.svc.cluster.local" } }],
        timeout: "3s",
        retries: { attempts: 2, retryOn: "connect-failure,refused-stream,reset-before-request" },
      },
    ]);
  });

  test("what is idempotent is tried again after it was sent, and all tries with the longest waits fit the timeout", () => {
    const mesh = { ...sidecars, policy: { timeout: "1s", retries: { attempts: 3, idempotent: true } } };
    const [route] = routesOf(user({ mesh }));
    // Waits of at most 25, 75 and 175 ms; the rest is shared by four tries.
    expect(route?.retries).toMatchObject({ attempts: 3, perTryTimeout: "181ms" });
    expect(4 * 181 + 25 + 75 + 175).toBeLessThanOrEqual(1000);
    expect(route?.retries?.retryOn).toContain("gateway-error");
  });

  test("no retries means none: not those that Istio makes where nothing is said", () => {
    expect(routesOf(user({ mesh: { ...sidecars, policy: { retries: false } } }))[0]?.retries).toEqual({ attempts: 0 });
  });

  test("a call of its own kind has a route of its own, before everyone's", () => {
    const callers = [{ name: "order", timeout: "1s", retries: { idempotent: true } }, { name: "notifier" }];
    const [own, everyone] = routesOf(user({ callers }));
    expect(own).toMatchObject({
      name: "order-default",
      match: [{ sourceLabels: { "app.kubernetes.io/name": "order" } }],
      timeout: "1s",
      retries: { attempts: 2, perTryTimeout: "300ms" },
    });
    expect(everyone).toMatchObject({ name: "default", timeout: "3s" });
    expect(everyone).not.toHaveProperty("match");
  });

  test("a waypoint knows no labels of callers, so that the most patient of them decides", () => {
    const callers = [
      { name: "order", timeout: "1s" },
      { name: "report", timeout: "9s", retries: false as const },
    ];
    const all = routesOf(user({ mesh: ambient, callers }));
    expect(all).toHaveLength(1);
    expect(all[0]).toMatchObject({ timeout: "9s", retries: { attempts: 0 } });
  });
});

describe("when it is spared", () => {
  test("limits, ejection, and no more second tries than a fifth of the load", () => {
    const mesh = { ...sidecars, policy: { breaker: { requests: 500, failures: 3, ejection: "1m", ejectable: 30 } } };
    expect(user({ mesh }).destinationRule.spec?.trafficPolicy).toEqual({
      connectionPool: {
        tcp: { connectTimeout: "1s", maxConnections: 100 },
        http: { http1MaxPendingRequests: 100, http2MaxRequests: 500, maxRetries: 100 },
      },
      outlierDetection: {
        consecutive5xxErrors: 3,
        consecutiveGatewayErrors: 3,
        interval: "10s",
        baseEjectionTime: "1m",
        maxEjectionPercent: 30,
      },
    });
  });

  test("never, where the environment says so", () => {
    const { spec } = user({ mesh: { ...sidecars, policy: { breaker: false } } }).destinationRule;
    expect(spec?.trafficPolicy).toEqual({ connectionPool: { tcp: { connectTimeout: "1s" } } });
  });

  test("a region that fails is stood in for by the one that is named", () => {
    expect(user({ mesh: regional }).destinationRule.spec?.trafficPolicy?.loadBalancer).toEqual({
      simple: "LEAST_REQUEST",
      localityLbSetting: {
        enabled: true,
        failover: [
          { from: "shanghai", to: "beijing" },
          { from: "beijing", to: "shanghai" },
        ],
      },
    });
  });

  test("what one instance takes in is a bucket of its own, which no restart is needed to change", () => {
    const value = (rateLimit: Parameters<typeof user>[0]) =>
      user(rateLimit).rateLimit?.spec?.configPatches?.[0]?.patch?.value as
        | { readonly typed_config?: object }
        | undefined;
    expect(value({})?.typed_config).toMatchObject({
      token_bucket: { max_tokens: 200, tokens_per_fill: 200, fill_interval: "1s" },
    });
    expect(value({ rateLimit: { requestsPerSecond: 50, burst: 80 } })?.typed_config).toMatchObject({
      token_bucket: { max_tokens: 80, tokens_per_fill: 50 },
    });
    expect(user({ rateLimit: false })).not.toHaveProperty("rateLimit");
    expect(user({ mesh: ambient })).not.toHaveProperty("rateLimit");
  });
});

describe("where colours lead", () => {
  const destinations = (objects: Parameters<typeof routesOf>[0]) =>
    Object.fromEntries(
      routesOf(objects).map(({ name, route }) => [name, route?.map(({ destination }) => destination)]),
    );

  test("to the version that is tried out, to stable, and to a region's pods", () => {
    const host = "user.shop.svc.cluster.local";
    const canary = { host: "user-canary.shop.svc.cluster.local" };
    const objects = user({ mesh: regional, canary: "user-canary" });
    expect(destinations(objects)).toEqual({
      "tag-stable": [{ host }],
      "tag-canary": [canary],
      "tag-shanghai-only": [{ host, subset: "region-shanghai" }],
      default: [{ host }, canary],
    });
    expect(routesOf(objects).map(({ match }) => match?.[0]?.headers?.["x-traffic-tag"])).toEqual([
      { exact: "stable" },
      { exact: "canary" },
      { exact: "shanghai-only" },
      undefined,
    ]);
    expect(objects.destinationRule.spec?.subsets).toEqual([
      { name: "region-shanghai", labels: { "topology.kubernetes.io/region": "shanghai" } },
    ]);
    expect(objects.canaryDestinationRule?.spec?.host).toBe(canary.host);
  });

  test("requests without one go to stable until somebody moves the weights", () => {
    const [, , route] = routesOf(user({ canary: "user-canary" }));
    expect(route?.route?.map(({ weight }) => weight)).toEqual([100, 0]);
  });

  test("nowhere else, of a service that has no such version", () => {
    expect(routesOf(user()).map(({ name }) => name)).toEqual(["default"]);
  });

  test("to versions that labels tell apart, with weights", () => {
    const objects = user({
      versions: { stable: { track: "a" }, canary: { track: "b" } },
      weights: { stable: 95, canary: 5 },
    });
    expect(objects.destinationRule.spec?.subsets).toEqual([
      { name: "version-stable", labels: { track: "a" } },
      { name: "version-canary", labels: { track: "b" } },
    ]);
    expect(routesOf(objects).at(-1)?.route).toEqual([
      { destination: { host: "user.shop.svc.cluster.local", subset: "version-stable" }, weight: 95 },
      { destination: { host: "user.shop.svc.cluster.local", subset: "version-canary" }, weight: 5 },
    ]);
  });
});

describe("is refused, with place, value and remedy,", () => {
  const said = (rest: Parameters<typeof user>[0]) =>
    faultsOf(() => user(rest))
      .map(sentence)
      .join("\n");
  const order = (rest: object) => ({ callers: [{ name: "order", ...rest }] });

  test.each<readonly [string, Parameters<typeof user>[0], RegExp]>([
    [
      "tries that go on when the caller has given up",
      order({ timeout: "1s", retries: { idempotent: true, attempts: 2, perTry: "600ms" } }),
      /^user: callers\.0\.retries\.perTry is "600ms", but 3 tries .* up to 1900 ms.* after 1000 ms; use "300ms"/,
    ],
    [
      "more tries than fit",
      order({ timeout: "100ms", retries: { idempotent: true, attempts: 9 } }),
      /^user: callers\.0\.retries\.attempts is 9, but 10 tries/,
    ],
    [
      "a try that is cut off and then not made again",
      order({ retries: { perTry: "1s" } }),
      /retries is .*not idempotent.*add idempotent: true/,
    ],
    ["a timeout of none", order({ timeout: "0s" }), /timeout is "0s", but 0 means no limit/],
    ["a breaker without limits", order({ breaker: {} }), /breaker is \{\}, but a breaker without a limit never breaks/],
    ["more than all pods left out", order({ breaker: { ejectable: 120 } }), /ejectable is 120.*1 to 100/],
    ["a misspelt limit", order({ breaker: { request: 5 } }), /did you mean "requests"/],
    [
      "weights that are not a whole",
      { versions: { stable: { v: "1" } }, weights: { stable: 90 } },
      /they add up to 90/,
    ],
    ["weights without versions", { weights: { stable: 100 } }, /weights\.stable.*no labels tell.*declare versions/],
    ["a version that no tag leads to", { versions: { cnaary: { v: "2" } } }, /cnaary.*did you mean "canary"/],
    ["two ways to tell versions apart", { canary: "c", versions: { canary: { v: "2" } } }, /leave out one of the two/],
    ["a limit of nothing", { rateLimit: { requestsPerSecond: 0 } }, /requestsPerSecond is 0.*use 1 or more/],
    [
      "a colour that leads to a region nobody serves",
      { mesh: { ...sidecars, regions: { shanghai: [] }, tags: { far: { region: "shangai" } } } },
      /^user: mesh\.tags\.far\.region is "shangai", but no node .* did you mean "shanghai"/,
    ],
    [
      "a region that nobody serves as the one that takes over",
      { mesh: { ...sidecars, regions: { shanghai: ["tokyo"] } } },
      /^user: mesh\.regions\.shanghai is "tokyo", but no node of the environment stands there/,
    ],
    ["a region that stands in for itself", { mesh: { ...sidecars, regions: { a: ["a"] } } }, /take over from itself/],
    [
      "an order of regions that the mesh cannot keep",
      { mesh: { ...sidecars, regions: { a: ["b", "c"], b: [], c: [], d: [] } } },
      /regions\.a is \["b","c"\].*name the first one only/,
    ],
    [
      "regions that take over from what is never seen to fail",
      { mesh: { ...regional, policy: { breaker: false } } },
      /mesh\.policy\.breaker is false.*never learns that a region fails/,
    ],
    ["an unknown mode", { mesh: { mode: "sidecra" } as never }, /mode is "sidecra"/],
  ])("%s", (_, rest, expected) => {
    expect(said(rest)).toMatch(expected);
  });
});
