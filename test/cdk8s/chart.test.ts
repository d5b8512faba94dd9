import { App, Chart, Testing } from "cdk8s";
import { describe, expect, test } from "vitest";
import { toChart } from "../../components/cdk8s/index.ts";
import type { KubernetesObject, Objects } from "../../components/core/object.ts";
import { fakeOutput } from "../core/fake-output.ts";
import { faultsOf } from "../core/faults-of.ts";

const service = { apiVersion: "v1", kind: "Service", metadata: { name: "order", namespace: "shop" }, spec: {} };
const settings = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "order", namespace: "shop", labels: { app: "order" }, annotations: { note: "kept" } },
  data: { a: "1" },
};

describe("objects as a chart", () => {
  test("a role becomes an ApiObject of that id", () => {
    const chart = toChart(new App(), "order", { service, settings });
    expect(chart).toBeInstanceOf(Chart);
    expect(chart.apiObjects.map(({ node }) => node.id)).toEqual(["service", "settings"]);
  });

  test("cdk8s writes the objects as they are", () => {
    expect(Testing.synth(toChart(new App(), "order", { service, settings }))).toEqual([service, settings]);
  });

  test("what a cdk8s codebase adds to the chart stands beside and inside the objects", () => {
    const chart = toChart(Testing.app(), "order", { settings });
    chart.apiObjects[0]?.metadata.addLabel("team", "checkout");
    expect(Testing.synth(chart)[0].metadata.labels).toEqual({ app: "order", team: "checkout" });
  });

  test("adding a label in cdk8s leaves the component's own object alone", () => {
    const chart = toChart(Testing.app(), "order", { settings });
    chart.apiObjects[0]?.metadata.addLabel("team", "checkout");
    chart.apiObjects[0]?.metadata.addAnnotation("team", "checkout");
    expect(settings.metadata).toMatchObject({ labels: { app: "order" }, annotations: { note: "kept" } });
  });

  test("frozen objects are fine", () => {
    const frozen = Object.freeze({ ...service, metadata: Object.freeze({ ...service.metadata }) });
    expect(Testing.synth(toChart(new App(), "order", { frozen }))).toEqual([service]);
  });

  test("every Output is refused with its path, all at once", () => {
    const objects: Objects = {
      settings: { ...settings, data: { a: fakeOutput("hidden"), b: "2" } } as KubernetesObject,
      service: { ...service, spec: { ports: [{ port: fakeOutput(1) }] } } as KubernetesObject,
    };
    const failed = faultsOf(() => toChart(new App(), "order", objects));
    expect(failed.map(({ component, path }) => `${component}: ${path}`)).toEqual([
      "order: settings.data.a",
      "order: service.spec.ports.0.port",
    ]);
    expect(JSON.stringify(failed)).not.toContain("hidden");
  });
});
