import { describe, expect, test } from "vitest";
import {
  type ConfigMap,
  catalogue,
  components,
  type Deployment,
  type Entry,
  foreignFields,
  type Mesh,
  type Objects,
  type Rollout,
  sentence,
} from "../components/index.ts";
import { faultsOf } from "./core/faults-of.ts";
import { routesOf } from "./traffic/mesh/mesh.ts";
import { envoy } from "./traffic/order.ts";

const setting = { namespace: "shop", partOf: "shop", version: "1.0.0", replicas: 2, autoscaling: false } as const;
const entry = { owner: "checkout", image: "registry.example.com/shop/it", ports: { http: 8080, grpc: 9090 } };

function built(entries: Readonly<Record<string, Entry>>, mesh?: Mesh): Readonly<Record<string, Objects>> {
  const members = components(entries, { ...setting, ...(mesh === undefined ? {} : { mesh }) });
  return Object.fromEntries(Object.entries(members).map(([name, { objects }]) => [name, objects]));
}

function variables(objects: Objects | undefined): Readonly<Record<string, unknown>> {
  const deployment = objects?.["deployment"] as Deployment | undefined;
  const own = deployment?.spec?.template.spec?.containers[0]?.env ?? [];
  return {
    ...Object.fromEntries(own.map(({ name, value }) => [name, value])),
    ...(objects?.["variables"] as ConfigMap | undefined)?.data,
  };
}

/** The files that a program reads anew when they change. */
function reloaded(objects: Objects | undefined): ConfigMap["data"] {
  return (objects?.["configReloaded"] as ConfigMap | undefined)?.data;
}

const shop = catalogue({
  user: { ...entry, calls: [] },
  order: { ...entry, calls: ["user", { service: "payment", timeout: "2s", retries: { idempotent: true } }] },
  payment: { ...entry, calls: [{ host: "api.example.com" }], grpc: { connectionAge: "10m", keepalive: "1m" } },
});

describe("the same catalogue", () => {
  const plain = built(shop);
  const sidecar = built(shop, { mode: "sidecar" });
  const ambient = built(shop, { mode: "ambient" });

  test("without a mesh, with proxies in the pods and in mode ambient runs the same workloads", () => {
    const roles = (objects: Objects | undefined) => Object.keys(objects ?? {});
    for (const name of Object.keys(shop)) {
      expect(roles(sidecar[name])).toEqual(expect.arrayContaining(roles(plain[name])));
      expect(roles(ambient[name])).toEqual(expect.arrayContaining(roles(plain[name])));
    }
    expect(roles(plain["order"])).not.toContain("sidecar");
    expect(roles(sidecar["order"])).toEqual(expect.arrayContaining(["sidecar", "virtualService", "rateLimit"]));
    expect(roles(ambient["order"])).not.toContain("sidecar");
    expect(roles(ambient["order"])).toEqual(expect.arrayContaining(["virtualService", "waypointOnly"]));
  });

  test("has each call's policy at the called service", () => {
    const payment = sidecar["payment"] as Parameters<typeof routesOf>[0];
    expect(routesOf(payment)[0]).toMatchObject({ name: "order-default", timeout: "2s", retries: { attempts: 2 } });
  });

  test("without a mesh the gRPC client balances over all pods, waits and tries again as the call says", () => {
    const said = variables(plain["order"]);
    expect(said).toMatchObject({
      USER_GRPC_TARGET: "dns:///user-headless.shop.svc.cluster.local:9090",
      PAYMENT_GRPC_TARGET: "dns:///payment-headless.shop.svc.cluster.local:9090",
    });
    expect(JSON.parse(String(said["USER_GRPC_SERVICE_CONFIG"]))).toEqual({
      loadBalancingConfig: [{ round_robin: {} }],
    });
    expect(JSON.parse(String(said["PAYMENT_GRPC_SERVICE_CONFIG"])).methodConfig).toEqual([
      { name: [{}], timeout: "2s", retryPolicy: expect.objectContaining({ maxAttempts: 3 }) },
    ]);
  });

  test("in a mesh the mesh balances and tries again, so the client does neither", () => {
    const said = variables(sidecar["order"]);
    expect(said).toMatchObject({
      PAYMENT_GRPC_TARGET: "dns:///payment.shop.svc.cluster.local:9090",
      TRAFFIC_TAG_HEADER: "X-Traffic-Tag",
    });
    expect(String(said["PAYMENT_GRPC_SERVICE_CONFIG"])).not.toContain("retryPolicy");
    expect(variables(plain["order"])).not.toHaveProperty("TRAFFIC_TAG_HEADER");
  });

  test("keeps clients' questions rarer than the strictest server forgives, and connections shorter than its age", () => {
    const client = variables(plain["order"]);
    const server = variables(plain["payment"]);
    expect(client["GRPC_KEEPALIVE_TIME"]).toBe("60s");
    expect(server).toMatchObject({
      GRPC_MAX_CONNECTION_AGE: "10m",
      GRPC_MAX_CONNECTION_AGE_GRACE: "30s",
      GRPC_KEEPALIVE_MIN_TIME: "30s",
      DRAIN_TIMEOUT: "30s",
    });
    expect(variables(plain["user"])).toMatchObject({ GRPC_KEEPALIVE_MIN_TIME: "15s" });
  });

  test("keeps to its limit by its proxy, else by a file that it reads anew", () => {
    expect(sidecar["user"]).not.toHaveProperty("configReloaded");
    expect(reloaded(ambient["user"])).toEqual({
      "rate-limit.yaml": "requestsPerSecond: 200\n",
    });
    expect(plain["user"]).not.toHaveProperty("configReloaded");
    const own = built({ user: { ...shop.user, rateLimit: { requestsPerSecond: 50, burst: 70 } } });
    expect(reloaded(own["user"])).toMatchObject({
      "rate-limit.yaml": expect.stringContaining("burst: 70"),
    });
  });
});

describe("a canary in a mesh", () => {
  const rollouts = { router: "istio", prometheus: "http://prometheus:9090" } as const;
  const tried = (router?: "gateway" | "replicas"): Readonly<Record<string, Entry>> => ({
    ...shop,
    payment: {
      ...shop.payment,
      replicas: 5,
      route: { host: "shop.example.com" },
      rollout: {
        canary: { steps: [{ weight: 20, pause: "1m" }], ...(router === undefined ? {} : { router }) },
        analysis: false,
      },
    },
  });
  const payment = (mesh: Mesh, router?: "gateway" | "replicas"): Objects => {
    return components(tried(router), { ...setting, rollouts, mesh, gateway: envoy })["payment"]?.objects ?? {};
  };
  const http = (objects: Objects) => routesOf(objects as Parameters<typeof routesOf>[0]);
  const weights = (objects: Objects) =>
    http(objects).map(({ name, route = [] }) => [name, ...route.map((to) => `${to.destination.host} ${to.weight}`)]);
  const led = (objects: Objects) =>
    (objects["rollout"] as Rollout | undefined)?.spec?.strategy?.canary?.trafficRouting?.istio;

  test("has its weights in every route of the mesh that leads to both versions, and the controller is told which", () => {
    const sidecar = payment({ mode: "sidecar" });
    const split = ["payment.shop.svc.cluster.local 100", "payment-canary.shop.svc.cluster.local 0"];
    expect(weights(sidecar)).toEqual([
      ["order-tag-stable", "payment.shop.svc.cluster.local undefined"],
      ["order-tag-canary", "payment-canary.shop.svc.cluster.local undefined"],
      ["order-default", ...split],
      ["tag-stable", "payment.shop.svc.cluster.local undefined"],
      ["tag-canary", "payment-canary.shop.svc.cluster.local undefined"],
      ["default", ...split],
    ]);
    expect(led(sidecar)).toEqual({ virtualService: { name: "payment", routes: ["order-default", "default"] } });
    expect(led(payment({ mode: "ambient" }))).toEqual({ virtualService: { name: "payment", routes: ["default"] } });
    expect(sidecar["canaryDestinationRule"]).toMatchObject({ metadata: { name: "payment-canary" } });
  });

  test("is found by its colour where the gateway has the weights, and the mesh's own requests stay with the old one", () => {
    const objects = payment({ mode: "sidecar" }, "gateway");
    expect(led(objects)).toBeUndefined();
    expect(weights(objects).flat()).toContain("payment-canary.shop.svc.cluster.local undefined");
    const owners = foreignFields(Object.values(objects)).filter(({ object }) => object.kind === "VirtualService");
    expect(owners).toEqual([]);
  });

  test("has no Service of its own where the pods are the shares", () => {
    const objects = payment({ mode: "sidecar" }, "replicas");
    expect(objects).not.toHaveProperty("canaryDestinationRule");
    expect(weights(objects).flat().join()).not.toContain("canary");
  });

  test("without a mesh is refused, once for all services", () => {
    const canary = { steps: [{ weight: 20, pause: "1m" }] } as const;
    const both = { user: { ...shop.user, rollout: { canary } }, order: { ...entry, calls: [], rollout: { canary } } };
    expect(faultsOf(() => components(both, { ...setting, rollouts })).map(sentence)).toEqual([
      'settings: rollouts.router is "istio", but the environment has no mesh, so there are no weights to split traffic by; give the environment\'s row a mesh, or use router: "gateway" or "replicas"',
    ]);
  });
});

describe("is refused, with place, value and remedy,", () => {
  const said = (entries: Readonly<Record<string, object>>, mesh?: Mesh) =>
    faultsOf(() => built(entries as Readonly<Record<string, Entry>>, mesh)).map(sentence);
  const called = { ...entry, calls: [] };

  test("a call that waits longer than whoever waits for the caller", () => {
    const entries = {
      web: { ...called, calls: [{ service: "order", timeout: "1s" }] },
      order: { ...called, calls: [{ service: "user", timeout: "2s" }] },
      user: called,
    };
    const expected =
      /^order: calls\.0\.timeout is "2s", but web, its most patient caller, gives up after 1 s.*use "1s" or less/;
    expect(said(entries)).toEqual([expect.stringMatching(expected)]);
    expect(said(entries, { mode: "sidecar" })).toEqual([expect.stringMatching(expected)]);
  });

  test("a call that waits longer than the job may run", () => {
    const job = {
      owner: "o",
      image: "i",
      schedule: "@daily",
      deadline: "30s",
      calls: [{ service: "user", timeout: "1m" }],
    };
    expect(said({ job, user: called })).toEqual([
      expect.stringMatching(/^job: calls\.0\.timeout is "1m".*job is stopped/),
    ]);
  });

  test("a deadline that is no text is told by the job, whoever waits for it", () => {
    const job = {
      owner: "o",
      image: "i",
      schedule: "@daily",
      deadline: ["30m"],
      calls: [{ service: "user", timeout: "1m" }],
    };
    expect(said({ job: job as object as Entry, user: called })).toEqual([
      expect.stringMatching(/^job: deadline is \["30m"\], but it has the wrong form/),
    ]);
  });

  test("a port that is none is told by the called service, and not by who calls it", () => {
    const user = { ...called, ports: { http: 8080, grpc: Symbol("port") } };
    expect(said({ order: { ...called, calls: ["user"] }, user: user as object as Entry })).toEqual([
      expect.stringMatching(/^user: ports\.grpc /),
    ]);
    const slow = { ...called, grpc: { keepalive: Symbol("span") } };
    expect(said({ order: { ...called, calls: ["user"] }, user: slow as object as Entry })).toEqual([
      expect.stringMatching(/^user: grpc\.keepalive /),
    ]);
  });

  test("a retry budget above the call's timeout, told once, at the caller", () => {
    const calls = [{ service: "user", timeout: "1s", retries: { idempotent: true, perTry: "900ms" } }];
    const faults = said({ order: { ...called, calls }, user: called }, { mode: "sidecar" });
    expect(faults).toEqual([expect.stringMatching(/^order: calls\.0\.retries\.perTry is "900ms"/)]);
  });

  test("a mesh with a region that nobody serves, told once", () => {
    const faults = said({ user: called }, { mode: "ambient", regions: { shanghai: ["tokyo"] } });
    expect(faults).toEqual([expect.stringMatching(/^settings: mesh\.regions\.shanghai is "tokyo"/)]);
  });

  test("a misspelt service in a call with a policy", () => {
    const calls = [{ service: "usr", timeout: "1s" }];
    expect(said({ order: { ...called, calls }, user: called })).toEqual([
      expect.stringMatching(/^order: calls\.0\.service is "usr".*did you mean "user"/),
    ]);
    // @ts-expect-error: "usr" is no key of this catalogue
    catalogue({ user: called, order: { ...entry, calls: [{ service: "usr" }] } });
  });

  test("a policy for a host, whose requests the mesh cannot read", () => {
    const calls = [{ host: "api.example.com", timeout: "1s" }];
    expect(said({ order: { ...called, calls } })[0]).toMatch(/^order: calls\.0.*timeout/);
  });

  test("a limit of what nobody calls", () => {
    const worker = { owner: "o", image: "i", calls: [], rateLimit: { requestsPerSecond: 5 } };
    expect(said({ worker })).toEqual([expect.stringMatching(/^worker: rateLimit is .*nothing reaches it/)]);
  });

  test("gRPC settings without a gRPC port, questions too often, connections too short", () => {
    const http = { ...called, ports: { http: 8080 } };
    expect(said({ user: { ...http, grpc: { keepalive: "1m" } } })[0]).toMatch(
      /^user: grpc is .*no port is called grpc/,
    );
    expect(said({ user: { ...called, grpc: { keepalive: "5s" } } })[0]).toMatch(
      /^user: grpc\.keepalive is "5s".*"10s"/,
    );
    expect(said({ user: { ...called, grpc: { connectionAge: "20s" } } })[0]).toMatch(
      /^user: grpc\.connectionAge is "20s"/,
    );
  });
});
