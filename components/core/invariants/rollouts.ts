import { didYouMean, type Fault } from "../fault.ts";
import { identity } from "../object.ts";
import { inside, itemsInside } from "../plain.ts";
import type { View } from "./view.ts";

/** What a Rollout names by path, and of what kind it is. */
const SERVICE = { apiVersion: "v1", kind: "Service" } as const;
const TEMPLATE = { apiVersion: "argoproj.io/v1alpha1", kind: "AnalysisTemplate" } as const;
const CANARY = ["canary", "trafficRouting"] as const;
const NAMED = [
  [SERVICE, ["canary", "stableService"]],
  [SERVICE, ["canary", "canaryService"]],
  [SERVICE, ["blueGreen", "activeService"]],
  [SERVICE, ["blueGreen", "previewService"]],
  [{ apiVersion: "networking.istio.io/v1", kind: "VirtualService" }, [...CANARY, "istio", "virtualService", "name"]],
] as const;
const LISTED = [
  [
    { apiVersion: "gateway.networking.k8s.io/v1", kind: "HTTPRoute" },
    [...CANARY, "plugins", "argoproj-labs/gatewayAPI", "httpRoutes"],
    "name",
  ],
  [
    { apiVersion: "gateway.networking.k8s.io/v1", kind: "GRPCRoute" },
    [...CANARY, "plugins", "argoproj-labs/gatewayAPI", "grpcRoutes"],
    "name",
  ],
  [TEMPLATE, ["canary", "analysis", "templates"], "templateName"],
  [TEMPLATE, ["blueGreen", "prePromotionAnalysis", "templates"], "templateName"],
  [TEMPLATE, ["blueGreen", "postPromotionAnalysis", "templates"], "templateName"],
] as const;

/** A Rollout stands still for ever when a Service, route or template that it names is not there. */
export function* rolloutsFindTheirParts({ all }: View): Generator<Fault> {
  const rollouts = all.filter(({ object }) => object.kind === "Rollout");
  if (rollouts.length === 0) return;
  const known = new Set(all.map(({ object }) => identity(object)));
  const meshed = new Map(
    all.flatMap(({ object }) => (object.kind === "VirtualService" ? [[identity(object), object] as const] : [])),
  );
  for (const { component, role, object } of rollouts) {
    const { namespace } = object.metadata;
    const strategy = inside(object, "spec", "strategy");
    const routing = inside(strategy, ...CANARY, "istio", "virtualService");
    const place = { ...object.metadata, name: String(inside(routing, "name")) };
    const virtual = meshed.get(
      identity({ apiVersion: "networking.istio.io/v1", kind: "VirtualService", metadata: place }),
    );
    const routes = itemsInside(virtual, "spec", "http").map((route) => String(inside(route, "name")));
    for (const route of virtual === undefined ? [] : itemsInside(routing, "routes")) {
      if (routes.includes(String(route))) continue;
      yield {
        component,
        path: `${role}.strategy.canary.trafficRouting.istio.virtualService.routes`,
        value: route,
        problem: "but the VirtualService has no route of that name, so no weight would ever be written",
        remedy: didYouMean(String(route), routes),
      };
    }
    const wanted = [
      ...NAMED.map(([kind, path]) => ({ kind, path, name: inside(strategy, ...path) })),
      ...LISTED.flatMap(([kind, path, key]) =>
        itemsInside(strategy, ...path).map((item) => ({ kind, path, name: inside(item, key) })),
      ),
    ];
    for (const { kind, path, name } of wanted) {
      if (typeof name !== "string") continue;
      const metadata = { name, ...(namespace === undefined ? {} : { namespace }) };
      if (known.has(identity({ ...kind, metadata }))) continue;
      yield {
        component,
        path: `${role}.strategy.${path.join(".")}`,
        value: name,
        problem: `but this environment has no such ${kind.kind}, and no version could ever take over`,
        remedy: "declare it, or have traffic split by another router",
      };
    }
  }
}
