import { describe, expect, test } from "vitest";
import { inside, itemsInside } from "../../components/core/plain.ts";
import {
  catalogue,
  type Deployment,
  type Environment,
  environmentFaults,
  FaultError,
  identity,
  placed,
  sentence,
} from "../../components/index.ts";
import { program } from "../../infra/program.ts";

function faultOf(name: string, settings: Readonly<Record<string, unknown>>): string {
  try {
    program.build(name, settings);
  } catch (error) {
    if (error instanceof FaultError) return error.message;
    throw error;
  }
  return "no fault";
}

/** An environment with one object changed. */
function changed(environment: Environment, member: string, role: string, change: object | undefined): Environment {
  const old = environment.members[member];
  const object = old?.objects[role];
  if (old === undefined || object === undefined) throw new Error(`no ${member}.${role}`);
  const { [role]: _, ...rest } = old.objects;
  const objects = change === undefined ? rest : { ...rest, [role]: { ...object, ...change } };
  return { ...environment, members: { ...environment.members, [member]: { ...old, objects } } };
}

/** The order in prod with weights by a mesh, which has its route or not. */
function meshed(route: string | undefined): Environment {
  const prod = program.build("prod", {});
  const virtualService = { name: "shadow", routes: [route ?? "primary"] };
  const canary = { trafficRouting: { istio: { virtualService } } };
  const rolled = changed(prod, "order", "rollout", { spec: { strategy: { canary } } });
  const metadata = { name: "shadow", namespace: "shop-prod" };
  const mesh = {
    apiVersion: "networking.istio.io/v1",
    kind: "VirtualService",
    metadata,
    spec: { http: [{ name: "primary" }] },
  };
  const members = route === undefined ? {} : { shadow: { type: "test:mesh:Mesh", objects: { mesh } } };
  return { ...rolled, members: { ...rolled.members, ...members } };
}

const dev = program.build("dev", {});
const faults = (environment: Environment) => environmentFaults(environment).map(sentence).join("\n");

describe("the program", () => {
  test("builds every environment, and no two share an object", () => {
    const all = program.environments.flatMap((name) =>
      [...placed(program.build(name, {}))].map(({ object }) => identity(object)),
    );
    expect(new Set(all).size).toBe(all.length);
  });

  test("scales in prod and debugs in dev, never the other way round", () => {
    const order = (name: string) => program.build(name, {}).members["order"]?.objects ?? {};
    expect(order("prod")).toHaveProperty("autoscaler");
    expect(order("dev")).not.toHaveProperty("autoscaler");
    expect(JSON.stringify(order("dev"))).toContain("pprof");
    expect(JSON.stringify(order("prod"))).not.toContain("pprof");
  });

  test("a setting changes one service in one environment", () => {
    const digest = `sha256:${"a".repeat(64)}`;
    const { members } = program.build("prod", {
      services: { order: { replicas: 7, digest, config: { "order.yaml": { timeout: "9s" } } } },
    });
    // A Rollout has the same pods at the same place.
    const workload = members["order"]?.objects["rollout"] as Deployment;
    expect(workload.spec?.replicas).toBe(7);
    expect(workload.spec?.template.spec?.containers[0]?.image).toBe(`registry.example.com/shop/order@${digest}`);
    expect(JSON.stringify(members["order"]?.objects["config"])).toContain("timeout: 9s");
  });

  test("new versions take over step by step where the environment has rollouts, unless a setting says otherwise", () => {
    const order = (name: string, rollout?: unknown) =>
      Object.keys(
        program.build(name, rollout === undefined ? {} : { services: { order: { rollout } } }).members["order"]
          ?.objects ?? {},
      );
    expect(order("prod")).toContain("rollout");
    expect(order("prod")).not.toContain("deployment");
    expect(order("dev")).not.toContain("rollout");
    expect(order("prod", false)).not.toContain("rollout");
    expect(order("prod", { move: { to: "rollout", replicas: 9 } })).toEqual(
      expect.arrayContaining(["rollout", "deployment"]),
    );
  });

  test("a canary's weights stand in its routes, and the Rollout knows every one of them", () => {
    const { rollout, ...objects } = program.build("prod", {}).members["order"]?.objects ?? {};
    const plugin = inside(
      rollout,
      "spec",
      "strategy",
      "canary",
      "trafficRouting",
      "plugins",
      "argoproj-labs/gatewayAPI",
    );
    const routes = Object.values(objects).filter(({ kind }) => kind === "HTTPRoute" || kind === "GRPCRoute");
    const known = [...itemsInside(plugin, "httpRoutes"), ...itemsInside(plugin, "grpcRoutes")];
    expect(routes.length).toBeGreaterThan(0);
    expect(known.map((one) => inside(one, "name")).sort()).toEqual(routes.map(({ metadata }) => metadata.name).sort());
    for (const route of routes) {
      const [rule] = itemsInside(route, "spec", "rules");
      const names = itemsInside(rule, "backendRefs").map((one) => inside(one, "name"));
      expect(names).toEqual(["order", "order-canary"]);
    }
  });

  test("an image that the settings name whole is what runs", () => {
    const image = `127.0.0.1:5000/shop/order@sha256:${"a".repeat(64)}`;
    const settings = { services: { order: { image } }, images: { registry: "127.0.0.1:5000/shop" } };
    const { members } = program.build("dev", settings);
    expect(JSON.stringify(members["order"]?.objects["deployment"])).toContain(image);
  });

  test.each<readonly [string, Readonly<Record<string, unknown>>, string]>([
    ["prdo", {}, 'did you mean "prod"?'],
    ["dev", { replicsa: 3 }, 'did you mean "replicas"?'],
    ["dev", { services: { ordr: { replicas: 1 } } }, 'did you mean "order"?'],
    ["dev", { services: { order: { config: { "ordr.yaml": {} } } } }, 'did you mean "order.yaml"?'],
    ["dev", { services: { order: { digest: "sha256:1" } } }, "64 hexadecimal digits"],
    ["dev", { services: { order: { image: "registry.example.com/shop/order" } } }, "but it has no tag"],
    ["dev", { images: { registry: "" } }, "images.registry"],
    ["dev", { images: { repository: "127.0.0.1:5000" } }, "images"],
    ["dev", { replicas: 0 }, "use 1 or more"],
  ])("%s with %j is refused", (name, settings, remedy) => {
    expect(faultOf(name, settings)).toContain(remedy);
  });

  test("a call to a service that nobody declares does not compile", () => {
    const entry = { owner: "o", image: "i", ports: { http: 1 } };
    // @ts-expect-error: "usr" is no key of this catalogue
    catalogue({ user: { ...entry, calls: [] }, order: { ...entry, calls: ["usr"] } });
    expect(() => catalogue({ user: { ...entry, calls: [] }, order: { ...entry, calls: ["user"] } })).not.toThrow();
  });
});

describe("the invariants", () => {
  test("hold for what the program builds", () => {
    for (const name of program.environments) expect(environmentFaults(program.build(name, {}))).toEqual([]);
  });

  test.each<readonly [string, Environment, string]>([
    [
      "two owners of one object",
      { ...dev, members: { ...dev.members, copy: dev.members["user"] ?? { type: "", objects: {} } } },
      "one would overwrite the other",
    ],
    [
      "a Service that selects nothing",
      changed(dev, "user", "service", { spec: { selector: { "app.kubernetes.io/name": "usr" }, ports: [] } }),
      "has these labels",
    ],
    [
      "a Service port that leads nowhere",
      changed(dev, "user", "service", {
        spec: { selector: { "app.kubernetes.io/name": "user" }, ports: [{ name: "x", port: 1, targetPort: "htpp" }] },
      }),
      'did you mean "http"?',
    ],
    [
      "a budget that blocks drains",
      changed(dev, "user", "disruptionBudget", {
        spec: { minAvailable: 1, selector: { matchLabels: { "app.kubernetes.io/name": "user" } } },
      }),
      "no node could ever be drained",
    ],
    ["a ConfigMap that nobody makes", changed(dev, "order", "config", undefined), "the pods would never start"],
    [
      "a namespace that nobody makes",
      changed(dev, "namespace", "namespace", { metadata: { name: "shop-dve" } }),
      "makes no such namespace",
    ],
    [
      "a Rollout whose analysis nobody makes",
      changed(program.build("prod", {}), "order", "analysis", undefined),
      "has no such AnalysisTemplate",
    ],
    [
      "a Rollout whose preview nobody makes",
      changed(program.build("prod", {}), "user", "preview", undefined),
      "has no such Service",
    ],
    ["weights of a route that the VirtualService does not have", meshed("primry"), 'did you mean "primary"?'],
    ["weights of a VirtualService that nobody makes", meshed(undefined), "has no such VirtualService"],
    ["a store that nobody declares", changed(dev, "vault", "secretStore", undefined), "has no such SecretStore"],
    [
      "a scrape that selects nothing",
      changed(dev, "user", "serviceMonitor", {
        spec: { selector: { matchLabels: { "app.kubernetes.io/name": "usr" } } },
      }),
      "but no Service of namespace shop-dev has these labels",
    ],
    [
      "a scrape of a port that nobody opens",
      changed(dev, "notifier", "podMonitor", {
        spec: {
          selector: { matchLabels: { "app.kubernetes.io/name": "notifier" } },
          podMetricsEndpoints: [{ port: "metrcs" }],
        },
      }),
      'did you mean "metrics"?',
    ],
    [
      "a call that is refused on the other side",
      changed(dev, "payment", "networkPolicy", {
        spec: { podSelector: { matchLabels: { "app.kubernetes.io/name": "payment" } }, ingress: [] },
      }),
      "would only time out",
    ],
  ])("see %s", (_, broken, said) => {
    expect(faults(broken)).toContain(said);
  });
});
