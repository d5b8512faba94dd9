import { describe, expect, test } from "vitest";
import { drawnLinks, modelOf } from "../../../cli/graph/model.ts";
import { links } from "../../../cli/links.ts";
import { view } from "../../../components/core/invariants/view.ts";
import { program } from "../../../infra/program.ts";
import { deployment, type Members, object } from "../diff/compared.ts";

const environment = (members: Members) => ({
  name: "prod",
  members: Object.fromEntries(Object.entries(members).map(([name, objects]) => [name, { type: "x:y:Z", objects }])),
});
const linksOf = (members: Members) => links(view(environment(members)));

const service = (name: string) => object("v1", "Service", name, { spec: { selector: {} } });
const route = (kind: string, spec: object) => object("gateway.networking.k8s.io/v1", kind, "order", { spec });

describe("links", () => {
  test("of a route lead from the service to the gateway, by host and path", () => {
    const members = {
      edge: { gateway: object("gateway.networking.k8s.io/v1", "Gateway", "public", { spec: {} }) },
      order: {
        service: service("order"),
        route: route("HTTPRoute", {
          parentRefs: [{ name: "public" }],
          hostnames: ["shop.example.com"],
          rules: [
            { matches: [{ path: { value: "/orders" } }], backendRefs: [{ name: "order" }, { name: "order-canary" }] },
          ],
        }),
      },
    };
    expect(linksOf(members)).toEqual([
      {
        from: "order",
        to: "edge",
        kind: "route",
        object: "Gateway.gateway.networking.k8s.io shop/public",
        label: "shop.example.com /orders",
      },
    ]);
    // In the picture they lead the way that requests take.
    expect(drawnLinks(modelOf(environment(members)))).toMatchObject([{ from: "edge", to: "order" }]);
  });

  test("of a gateway that somebody else owns, and of an Ingress, lead outside", () => {
    const foreign = {
      order: { route: route("GRPCRoute", { parentRefs: [{ name: "mesh", namespace: "infra" }], rules: [{}] }) },
    };
    expect(linksOf(foreign)).toMatchObject([{ from: "order", to: "mesh", kind: "route" }]);
    expect(modelOf(environment(foreign)).nodes).toMatchObject([{ name: "order" }, { name: "mesh", kind: "gateway" }]);
    const ingress = object("networking.k8s.io/v1", "Ingress", "order", {
      spec: {
        ingressClassName: "nginx",
        rules: [{ host: "a.example.com", http: { paths: [{ path: "/x", backend: { service: { name: "order" } } }] } }],
      },
    });
    expect(linksOf({ order: { service: service("order"), ingress } })).toEqual([
      { from: "order", to: "ingress nginx", kind: "route", label: "a.example.com /x" },
    ]);
  });

  test("of the shop are its calls, its hosts and its secrets", () => {
    const found = links(view(program.build("prod", {})));
    const of = (from: string, kind: string) =>
      found.filter((link) => link.from === from && link.kind === kind).map(({ to }) => to);
    expect(of("order", "calls")).toEqual(["user", "inventory", "payment", "shipment", "telemetry-agent"]);
    expect(of("payment", "host")).toEqual(["api.payments.example.com:443", "postgres.example.com:5432"]);
    expect(of("order", "secrets")).toEqual(["vault"]);
    expect(of("order", "within")).toEqual(["namespace"]);
  });

  test("of objects that say nonsense are none, and nothing throws", () => {
    for (const spec of [null, 3, { rules: 3 }, { parentRefs: [null], rules: [{ backendRefs: [3] }] }]) {
      expect(linksOf({ order: { route: route("HTTPRoute", spec as object) } }).length).toBeLessThan(2);
    }
  });
});

test("what more than half of all workloads call is named, and not drawn with a line to each", () => {
  const calling = (name: string) => ({
    deployment: deployment(name),
    policy: object("networking.k8s.io/v1", "NetworkPolicy", name, {
      spec: { egress: [{ to: [{ podSelector: { matchLabels: { "app.kubernetes.io/name": "agent" } } }] }] },
    }),
  });
  const many = (count: number) => {
    const names = Array.from({ length: count }, (_, index) => `service-${index}`);
    return environment({
      agent: { it: deployment("agent") },
      ...Object.fromEntries(names.map((name) => [name, calling(name)])),
    });
  };
  expect([...modelOf(many(8)).shared]).toEqual(["agent"]);
  expect(drawnLinks(modelOf(many(8)))).toEqual([]);
  expect(drawnLinks(modelOf(many(3)))).toHaveLength(3);
});
