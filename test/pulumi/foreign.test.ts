import { describe, expect, test } from "vitest";
import type { KubernetesObject } from "../../components/core/object.ts";
import { inside } from "../../components/core/plain.ts";
import { Component, deploy } from "../../components/pulumi/index.ts";
import { run } from "./engine.ts";

const metadata = { name: "order", namespace: "shop" };
const deployment = { apiVersion: "apps/v1", kind: "Deployment", metadata, spec: { template: {} } };
const autoscaler = {
  apiVersion: "autoscaling/v2",
  kind: "HorizontalPodAutoscaler",
  metadata,
  spec: { scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "order" }, maxReplicas: 3 },
};
const rollout = {
  apiVersion: "argoproj.io/v1alpha1",
  kind: "Rollout",
  metadata,
  spec: {
    strategy: {
      canary: {
        stableService: "order",
        trafficRouting: { plugins: { "argoproj-labs/gatewayAPI": { httpRoute: "order" } } },
      },
    },
  },
};
const service = { apiVersion: "v1", kind: "Service", metadata, spec: { selector: {}, clusterIP: "None" } };
const route = {
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: "HTTPRoute",
  metadata,
  spec: { rules: [{ backendRefs: [{ weight: 100 }, { weight: 0 }] }] },
};
const told = async (objects: Readonly<Record<string, KubernetesObject>>) => {
  const { told, registered } = await run(() => new Component("fairlead:test:Thing", "order", objects));
  const annotations = (name: string) => {
    const found = registered.find((one) => one.name === name);
    return inside(found?.inputs, "metadata", "annotations");
  };
  return Object.fromEntries(
    told
      .slice(1)
      .map(({ name, options }) => [name, { ignored: options.ignoreChanges, annotations: annotations(name) }]),
  );
};

describe("the engine", () => {
  test("leaves replicas to an autoscaler, and everything to us where there is none", async () => {
    expect((await told({ deployment, autoscaler }))["order-deployment"]?.ignored).toEqual(["spec.replicas"]);
    expect((await told({ deployment }))["order-deployment"]?.ignored).toBeUndefined();
  });

  test("takes back the number of pods where it is said, whoever wrote it last", async () => {
    const force = { "pulumi.com/patchForce": "true" };
    const fixed = { ...deployment, spec: { ...deployment.spec, replicas: 3 } };
    expect((await told({ deployment: fixed }))["order-deployment"]).toEqual({ ignored: undefined, annotations: force });
    expect((await told({ deployment: fixed, autoscaler }))["order-deployment"]?.annotations).toBeUndefined();
    expect((await told({ deployment }))["order-deployment"]?.annotations).toBeUndefined();
  });

  test("leaves a Service's selector to a Rollout and does not wait for the pods that another makes", async () => {
    const { "order-service": found } = await told({ rollout, service });
    expect(found).toEqual({ ignored: ["spec.selector"], annotations: { "pulumi.com/skipAwait": "true" } });
    expect((await told({ service }))["order-service"]).toEqual({ ignored: undefined, annotations: undefined });
  });

  test("goes on delivering changes of a route whose weights a Rollout writes", async () => {
    const { "order-route": found } = await told({ rollout, route });
    expect(found).toEqual({ ignored: undefined, annotations: { "pulumi.com/patchForce": "true" } });
  });

  test("sees an autoscaler of another component", async () => {
    const { told } = await run(() =>
      deploy({
        name: "dev",
        members: {
          order: { type: "fairlead:test:Thing", objects: { deployment } },
          scaling: { type: "fairlead:test:Thing", objects: { autoscaler } },
        },
      }),
    );
    expect(told.find(({ name }) => name === "order-deployment")?.options.ignoreChanges).toEqual(["spec.replicas"]);
    expect(told.find(({ name }) => name === "scaling-autoscaler")?.options.ignoreChanges).toBeUndefined();
  });

  test("keeps what the user leaves to others beside it", async () => {
    const { told } = await run(
      () =>
        new Component(
          "fairlead:test:Thing",
          "order",
          { deployment, autoscaler },
          { roles: { deployment: { ignoreChanges: ["spec.paused"] } } },
        ),
    );
    expect(told[1]?.options.ignoreChanges).toEqual(["spec.replicas", "spec.paused"]);
  });
});
