import { describe, expect, test } from "vitest";
import { foreignFields } from "../../components/core/foreign-fields.ts";
import type { KubernetesObject } from "../../components/core/object.ts";
import { placed } from "../../components/index.ts";
import { program } from "../../infra/program.ts";

const object = (apiVersion: string, kind: string, name: string, spec: object = {}, namespace = "shop") =>
  ({ apiVersion, kind, metadata: { name, namespace }, spec }) as KubernetesObject;
const deployment = object("apps/v1", "Deployment", "order");
const autoscaler = (spec: object) => object("autoscaling/v2", "HorizontalPodAutoscaler", "order", spec);
const rollout = (spec: object) => object("argoproj.io/v1alpha1", "Rollout", "order", spec);
const service = (name: string) => object("v1", "Service", name);
const told = (...objects: readonly KubernetesObject[]) =>
  foreignFields(objects).map(({ object: { kind, metadata }, pointers, owner }) => [
    `${kind} ${metadata.name}`,
    pointers,
    owner,
  ]);

const route = (kind: string) =>
  object("gateway.networking.k8s.io/v1", kind, "order", {
    rules: [
      {
        backendRefs: [
          { name: "order", weight: 100 },
          { name: "order-canary", weight: 0 },
        ],
      },
      { backendRefs: [{ name: "order" }] },
    ],
  });
const byGateway = (more: object = {}) =>
  rollout({
    strategy: {
      canary: {
        trafficRouting: {
          ...more,
          plugins: { "argoproj-labs/gatewayAPI": { httpRoutes: [{ name: "order" }], grpcRoute: "order" } },
        },
      },
    },
  });
const byIstio = rollout({
  strategy: {
    canary: {
      trafficRouting: { istio: { virtualService: { name: "order" }, destinationRule: { name: "order" } } },
    },
  },
});

describe("fields that somebody else writes", () => {
  test("replicas under an autoscaler, whatever it scales", () => {
    const scaleTargetRef = { apiVersion: "apps/v1", kind: "Deployment", name: "order" };
    expect(told(deployment, autoscaler({ scaleTargetRef }))).toEqual([
      ["Deployment order", ["/spec/replicas"], "HorizontalPodAutoscaler order"],
    ]);
    const ofRollout = { apiVersion: "argoproj.io/v1alpha1", kind: "Rollout", name: "order" };
    expect(told(deployment, rollout({}), autoscaler({ scaleTargetRef: ofRollout }))).toEqual([
      ["Rollout order", ["/spec/replicas"], "HorizontalPodAutoscaler order"],
    ]);
  });

  test("KEDA scales a Deployment where nothing else is said", () => {
    const scaled = object("keda.sh/v1alpha1", "ScaledObject", "order", { scaleTargetRef: { name: "order" } });
    expect(told(deployment, scaled)).toEqual([["Deployment order", ["/spec/replicas"], "ScaledObject order"]]);
  });

  test("selectors of the Services that a Rollout names", () => {
    const strategy = { canary: { stableService: "order", canaryService: "order-canary" } };
    expect(told(service("order"), service("order-canary"), service("user"), rollout({ strategy }))).toEqual([
      ["Service order", ["/spec/selector"], "Rollout order"],
      ["Service order-canary", ["/spec/selector"], "Rollout order"],
    ]);
    const blueGreen = { activeService: "order", previewService: "order-preview" };
    expect(told(service("order"), service("order-preview"), rollout({ strategy: { blueGreen } }))).toHaveLength(2);
  });

  test("weights of a route, where there is a choice, and not what else the route says", () => {
    const weights = ["/spec/rules/0/backendRefs/0/weight", "/spec/rules/0/backendRefs/1/weight"];
    expect(told(route("HTTPRoute"), route("GRPCRoute"), byGateway())).toEqual([
      ["HTTPRoute order", weights, "Rollout order"],
      ["GRPCRoute order", weights, "Rollout order"],
    ]);
  });

  test("the whole list of routes, where a step adds a route by header", () => {
    expect(told(route("HTTPRoute"), byGateway({ managedRoutes: [{ name: "staff" }] }))).toEqual([
      ["HTTPRoute order", ["/spec/rules"], "Rollout order"],
    ]);
  });

  test("weights and subsets of a mesh", () => {
    const virtual = object("networking.istio.io/v1", "VirtualService", "order", {
      http: [{ route: [{ weight: 100 }, { weight: 0 }] }],
    });
    const rule = object("networking.istio.io/v1", "DestinationRule", "order", { subsets: [{ name: "stable" }] });
    expect(told(virtual, rule, byIstio)).toEqual([
      ["VirtualService order", ["/spec/http/0/route/0/weight", "/spec/http/0/route/1/weight"], "Rollout order"],
      ["DestinationRule order", ["/spec/subsets/0/labels"], "Rollout order"],
    ]);
  });

  test("replicas of a Deployment whose pods a Rollout takes over, unless it leaves them", () => {
    const workloadRef = { apiVersion: "apps/v1", kind: "Deployment", name: "order" };
    expect(told(deployment, rollout({ workloadRef: { ...workloadRef, scaleDown: "onsuccess" } }))).toEqual([
      ["Deployment order", ["/spec/replicas"], "Rollout order"],
    ]);
    expect(told(deployment, rollout({ workloadRef: { ...workloadRef, scaleDown: "never" } }))).toEqual([]);
  });

  test("nothing of an object of another namespace, or of one that is not there", () => {
    const elsewhere = object("apps/v1", "Deployment", "order", {}, "other");
    const scaleTargetRef = { apiVersion: "apps/v1", kind: "Deployment", name: "order" };
    expect(told(elsewhere, autoscaler({ scaleTargetRef }))).toEqual([]);
    expect(told(autoscaler({}), rollout({}))).toEqual([]);
  });

  test("every workload under an autoscaler in every environment", () => {
    for (const name of program.environments) {
      const objects = [...placed(program.build(name, {}))].map((one) => one.object);
      const scaled = objects.filter(({ kind }) => kind === "HorizontalPodAutoscaler" || kind === "ScaledObject");
      const found = foreignFields(objects).filter(({ pointers }) => pointers.includes("/spec/replicas"));
      expect(found).toHaveLength(scaled.length);
    }
  });
});
