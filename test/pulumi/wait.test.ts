import { describe, expect, test } from "vitest";
import type { KubernetesObject } from "../../components/core/object.ts";
import { inside } from "../../components/core/plain.ts";
import { Component, Microservice } from "../../components/pulumi/index.ts";
import { run } from "./engine.ts";

const metadata = { name: "order", namespace: "shop" };
const labels = { app: "order", track: "stable" };
const service: KubernetesObject & { readonly spec: object } = {
  apiVersion: "v1",
  kind: "Service",
  metadata,
  spec: { selector: { app: "order" } },
};
const workload = (kind: string) => ({
  apiVersion: "apps/v1",
  kind,
  metadata,
  spec: { selector: { matchLabels: labels }, serviceName: "order", template: { metadata: { labels } } },
});

async function annotations(objects: Readonly<Record<string, KubernetesObject>>): Promise<unknown> {
  const { registered } = await run(() => new Component("fairlead:test:Thing", "order", objects));
  return inside(registered.find(({ name }) => name === "order-service")?.inputs, "metadata", "annotations");
}

describe("the engine", () => {
  test.each(["Deployment", "StatefulSet", "DaemonSet"])(
    "does not wait for the Service of a %s, whose pods it waits for",
    async (kind) => {
      expect(await annotations({ service, workload: workload(kind) })).toEqual({ "pulumi.com/skipAwait": "true" });
    },
  );

  test("does not wait for the Service of a Rollout, whose controller may come later", async () => {
    const rollout = { ...workload("Rollout"), apiVersion: "argoproj.io/v1alpha1" };
    expect(await annotations({ service, rollout })).toEqual({ "pulumi.com/skipAwait": "true" });
    const spec = { selector: { matchLabels: labels }, workloadRef: { name: "order" } };
    expect(await annotations({ service, rollout: { ...rollout, spec } as KubernetesObject })).toEqual({
      "pulumi.com/skipAwait": "true",
    });
  });

  test("has no Service of a microservice to wait for", async () => {
    const { registered } = await run(
      () =>
        new Microservice("order", { namespace: "shop", image: "example/order:1", ports: { http: 8080, grpc: 9090 } }),
    );
    const services = registered.filter(({ type }) => type === "kubernetes:core/v1:Service");
    expect(services.length).toBeGreaterThan(0);
    for (const { inputs } of services) {
      expect(inside(inputs, "metadata", "annotations", "pulumi.com/skipAwait")).toBe("true");
    }
  });

  test.each<[string, Readonly<Record<string, KubernetesObject>>]>([
    ["pods that nobody here makes", { service }],
    [
      "pods of another name",
      { service: { ...service, spec: { selector: { app: "user" } } }, workload: workload("Deployment") },
    ],
    [
      "pods of another namespace",
      { service: { ...service, metadata: { ...metadata, namespace: "other" } }, workload: workload("Deployment") },
    ],
    [
      "an address from outside",
      { service: { ...service, spec: { ...service.spec, type: "LoadBalancer" } }, workload: workload("Deployment") },
    ],
    ["no pods", { service: { ...service, spec: {} }, workload: workload("Deployment") }],
    ["pods of a Job, which end", { service, workload: { ...workload("Job"), apiVersion: "batch/v1" } }],
  ])("waits for a Service of %s", async (_, objects) => {
    expect(await annotations(objects)).toBeUndefined();
  });

  test("is told what the user says of waiting", async () => {
    const own = { "pulumi.com/skipAwait": "false" };
    const objects = {
      service: { ...service, metadata: { ...metadata, annotations: own } },
      workload: workload("DaemonSet"),
    };
    expect(await annotations(objects)).toEqual(own);
  });
});
