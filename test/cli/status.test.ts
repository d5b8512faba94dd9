import { describe, expect, test } from "vitest";
import { previewText } from "../../cli/commands/preview.ts";
import type { Step } from "../../cli/events.ts";
import { namespacesOf, running } from "../../cli/status.ts";
import type { Environment, KubernetesObject } from "../../components/index.ts";

const object = (apiVersion: string, kind: string, name: string): KubernetesObject => ({
  apiVersion,
  kind,
  metadata: { name, namespace: "shop" },
});

const environment: Environment = {
  name: "dev",
  members: {
    namespace: {
      type: "x:y:N",
      objects: { namespace: { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } } },
    },
    order: {
      type: "x:y:Z",
      objects: {
        deployment: object("apps/v1", "Deployment", "order"),
        service: object("v1", "Service", "order"),
        headless: object("v1", "Service", "order-headless"),
      },
    },
    nightly: { type: "x:y:C", objects: { cronJob: object("batch/v1", "CronJob", "nightly") } },
  },
};

const container = { spec: { containers: [{ image: "registry.example.com/order:1" }] } };
const CLUSTER: Readonly<Record<string, unknown>> = {
  "/apis/apps/v1/namespaces/shop/deployments/order": {
    spec: { replicas: 3, template: container },
    status: { readyReplicas: 2 },
  },
  "/api/v1/namespaces/shop/services/order": {
    spec: { clusterIP: "10.0.0.1", ports: [{ name: "http", port: 8080 }, { port: 9090 }] },
  },
  "/api/v1/namespaces/shop/services/order-headless": { spec: { clusterIP: "None", ports: [{ port: 9090 }] } },
  "/apis/batch/v1/namespaces/shop/cronjobs/nightly": {
    spec: { schedule: "0 3 * * *", suspend: true, jobTemplate: { spec: { template: container } } },
  },
};

test("what runs is told with its ready pods and where it answers, as the cluster says", async () => {
  expect(await running(async (path) => CLUSTER[path], environment)).toBe(
    [
      "COMPONENT  KIND        READY                 IMAGE                         ANSWERS AT",
      "order      Deployment  2/3                   registry.example.com/order:1  order.shop:8080 http, 9090",
      "nightly    CronJob     0 3 * * *, suspended  registry.example.com/order:1",
    ].join("\n"),
  );
});

test("a Rollout tells how far its new version has come, and that nobody takes care of it", async () => {
  const rollout = object("argoproj.io/v1alpha1", "Rollout", "order");
  const shop: Environment = { name: "prod", members: { order: { type: "x:y:Z", objects: { rollout } } } };
  const spec = { replicas: 3, template: container, strategy: { canary: { steps: [{}, {}, {}, {}] } } };
  const said = async (status: object) => (await running(async () => ({ spec, ...status }), shop)).split("\n")[1];
  expect(await said({})).toMatch(/^order +Rollout +0\/3, no controller has seen it /);
  expect(await said({ status: { readyReplicas: 4, phase: "Paused", currentStepIndex: 1 } })).toMatch(
    /4\/3, paused, step 1 of 4/,
  );
  expect(await said({ status: { readyReplicas: 3, phase: "Healthy" } })).toMatch(/3\/3 +registry/);
});

test("a workload that the cluster does not have is told as such", async () => {
  expect(await running(async () => undefined, environment)).toMatch(/^order +Deployment +not there$/m);
});

test("namespaces are named once", () => {
  expect(namespacesOf(environment)).toEqual(["shop"]);
});

describe("preview", () => {
  const step = (op: string, name: string, more: Partial<Step> = {}): Step => ({
    op,
    name,
    type: "kubernetes:apps/v1:Deployment",
    parent: "order",
    isObject: true,
    properties: [],
    ...more,
  });

  test("tells each change under its component, with what changes", () => {
    const steps = [
      step("update", "order-deployment", { properties: ["spec.replicas"] }),
      step("create", "user-service", { parent: "user", type: "kubernetes:core/v1:Service" }),
      step("create-replacement", "order-config", { type: "kubernetes:core/v1:ConfigMap" }),
      step("replace", "order-config"),
      step("same", "order-service"),
      step("create", "order", { isObject: false }),
    ];
    expect(previewText("dev", steps)).toBe(
      [
        "order",
        "  ~ deployment (Deployment): spec.replicas",
        "  ! config (ConfigMap)",
        "user",
        "  + service (Service)",
        "dev: 1 to update, 1 to create, 1 to replace",
      ].join("\n"),
    );
  });

  test("of nothing says so", () => {
    expect(previewText("dev", [step("same", "order-deployment")])).toBe("dev: nothing to change");
  });
});
