import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import type { KubernetesObject } from "../../components/core/object.ts";
import { Component, Microservice } from "../../components/pulumi/index.ts";
import { changes, known, run, secretPaths } from "./engine.ts";

const namespace = "shop";
const service = { apiVersion: "v1", kind: "Service", metadata: { name: "order", namespace }, spec: { ports: [] } };
const settings = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "order", namespace }, data: { a: "1" } };
const monitor = {
  apiVersion: "monitoring.coreos.com/v1",
  kind: "ServiceMonitor",
  metadata: { name: "order", namespace },
  spec: { endpoints: [{ port: "http" }] },
};
const TYPE = "fairlead:test:Thing";

describe("resources of a component", () => {
  test("a built-in kind becomes the SDK's own class", async () => {
    const { result } = await run(() => new Component(TYPE, "order", { service, settings }));
    expect(result.objects["service"]).toBeInstanceOf(k8s.core.v1.Service);
    expect(result.objects["settings"]).toBeInstanceOf(k8s.core.v1.ConfigMap);
  });

  test.each<{ apiVersion: string; kind: string; required?: object }>([
    { apiVersion: "v1", kind: "Namespace" },
    { apiVersion: "apps/v1", kind: "Deployment" },
    { apiVersion: "policy/v1", kind: "PodDisruptionBudget" },
    { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy" },
    { apiVersion: "autoscaling/v2", kind: "HorizontalPodAutoscaler" },
    { apiVersion: "batch/v1", kind: "CronJob" },
    { apiVersion: "rbac.authorization.k8s.io/v1", kind: "RoleBinding", required: { roleRef: {} } },
    { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition", required: { spec: {} } },
    { apiVersion: "flowcontrol.apiserver.k8s.io/v1", kind: "FlowSchema" },
  ])("$apiVersion $kind is made by its class", async ({ apiVersion, kind, required }) => {
    const { registered, result } = await run(
      () => new Component(TYPE, "one", { it: { apiVersion, kind, metadata: { name: "one" }, ...required } }),
    );
    const group = apiVersion === "v1" ? "core/v1" : apiVersion;
    expect(registered.at(-1)).toMatchObject({ type: `kubernetes:${group}:${kind}`, name: "one-it" });
    expect(result.objects["it"]).not.toBeInstanceOf(k8s.apiextensions.CustomResource);
  });

  test.each([
    ["monitoring.coreos.com/v1", "ServiceMonitor"],
    ["gateway.networking.k8s.io/v1", "HTTPRoute"],
    ["apps.example.com/v1", "Deployment"],
    ["autoscaling.k8s.io/v1", "VerticalPodAutoscaler"],
    ["yaml/v2", "ConfigFile"],
    ["helm/v4", "Chart"],
  ])("%s %s, which the SDK does not know, is a custom resource", async (apiVersion, kind) => {
    const { registered, result } = await run(
      () => new Component(TYPE, "one", { it: { apiVersion, kind, metadata: { name: "one" } } }),
    );
    expect(registered.at(-1)).toMatchObject({ type: `kubernetes:${apiVersion}:${kind}` });
    expect(result.objects["it"]).toBeInstanceOf(k8s.apiextensions.CustomResource);
  });

  test("children are named after the component and the role, the role as it is written", async () => {
    const { told } = await run(() => new Component(TYPE, "order", { disruptionBudget: settings, monitor }));
    expect(told.map(({ name }) => name)).toEqual(["order", "order-disruptionBudget", "order-monitor"]);
  });

  test("children belong to the component", async () => {
    const { told, result } = await run(() => new Component(TYPE, "order", { service, monitor }));
    expect(told.slice(1).map(({ options }) => options.parent)).toEqual([result, result]);
  });

  test("an object arrives as it is", async () => {
    const { registered } = await run(() => new Component(TYPE, "order", { monitor, settings }));
    expect(Object.fromEntries(registered.map(({ name, inputs }) => [name, inputs]))).toEqual({
      order: {},
      "order-monitor": monitor,
      "order-settings": settings,
    });
  });

  test("an Output inside an object arrives resolved", async () => {
    const { registered } = await run(
      () => new Component(TYPE, "order", { settings: { ...settings, data: { a: pulumi.output("later") } } }),
    );
    expect(registered[1]?.inputs["data"]).toEqual({ a: "later" });
  });

  test("a secret stays a secret on its way, in a Secret and in any other object", async () => {
    const value = () => pulumi.secret("hunter2");
    const { registered } = await run(
      () =>
        new Component(TYPE, "order", {
          secret: { ...settings, kind: "Secret", data: { a: value() } },
          monitor: { ...monitor, spec: { endpoints: [{ token: value() }] } },
        }),
    );
    const paths = Object.fromEntries(registered.map(({ name, inputs }) => [name, secretPaths(inputs)]));
    expect(paths["order-secret"]).not.toEqual([]);
    expect(paths["order-monitor"]).not.toEqual([]);
    for (const { inputs } of registered) {
      const shown = JSON.stringify(inputs, (_, inner) => (secretPaths(inner)[0] === "" ? "secret" : inner));
      expect(shown).not.toContain("hunter2");
    }
  });

  test("a property that the SDK's class would lose is refused by name", async () => {
    const typo: KubernetesObject & { readonly dta: object } = { ...settings, dta: {} };
    await expect(run(() => new Component(TYPE, "order", { settings: typo }))).rejects.toThrow(/order-settings: dta /);
  });

  test("an object that misses what its kind requires is named", async () => {
    const binding = {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "RoleBinding",
      metadata: { name: "read", namespace },
    };
    await expect(run(() => new Component(TYPE, "order", { binding }))).rejects.toThrow(
      "order-binding: Missing required property 'roleRef' of rbac.authorization.k8s.io/v1 RoleBinding; add it",
    );
  });

  test("an optional role that is not wanted makes no resource", async () => {
    const { result } = await run(
      () =>
        new Microservice("order", {
          namespace,
          owner: "checkout",
          image: "registry.example.com/shop/order:1.0.0",
          ports: { http: 8080 },
        }),
    );
    expect(result.objects.autoscaler).toBeUndefined();
    const name: pulumi.Output<string> = result.objects.deployment.metadata.name;
    expect(await known(name)).toBe("order");
  });
});

describe("options of a component", () => {
  test("what a user sets on the component reaches every child", async () => {
    const provider = () => new k8s.Provider("cluster", {});
    const { told } = await run(() => {
      const options = { protect: true, retainOnDelete: true, providers: [provider()] };
      return new Component(TYPE, "order", { service, monitor }, options);
    });
    const children = told.filter(({ name }) => name.startsWith("order-"));
    expect(children).toHaveLength(2);
    for (const { options } of children) expect(options).toMatchObject({ retainOnDelete: true });
  });

  test("protect and providers are handed down by the engine's own SDK", async () => {
    const { result } = await run(() => {
      const cluster = new k8s.Provider("cluster", {});
      return { cluster, component: new Component(TYPE, "order", { service }, { protect: true, provider: cluster }) };
    });
    const child = result.component.objects["service"];
    expect(child?.getProvider("kubernetes:core/v1:Service")).toBe(result.cluster);
    expect(Reflect.get(child ?? {}, "__protect")).toBe(true);
  });

  test("transformations of the component see its children", async () => {
    const seen: string[] = [];
    const note: pulumi.ResourceTransformation = ({ name }) => {
      seen.push(name);
      return undefined;
    };
    await run(() => new Component(TYPE, "order", { service }, { transformations: [note] }));
    expect(seen).toEqual(["order", "order-service"]);
  });

  test("options for a role reach that child only", async () => {
    const { told } = await run(
      () => new Component(TYPE, "order", { service, settings }, { roles: { settings: { ignoreChanges: ["data.a"] } } }),
    );
    expect(told.map(({ name, options }) => [name, options.ignoreChanges])).toEqual([
      ["order", undefined],
      ["order-service", ["spec.clusterIP", "spec.clusterIPs"]],
      ["order-settings", ["data.a"]],
    ]);
  });

  test("a Service that says its address is held to it; any other keeps the one it was given", async () => {
    const headless = { ...service, spec: { ports: [], clusterIP: "None" } };
    const { told } = await run(
      () =>
        new Component(TYPE, "order", { service, headless }, { roles: { service: { ignoreChanges: ["spec.ports"] } } }),
    );
    expect(told.slice(1).map(({ options }) => options.ignoreChanges)).toEqual([
      ["spec.ports", "spec.clusterIP", "spec.clusterIPs"],
      undefined,
    ]);
  });

  test("a function for a role gets the child's own options and decides", async () => {
    const { told, result } = await run(
      () =>
        new Component(
          TYPE,
          "order",
          { service },
          {
            retainOnDelete: true,
            roles: {
              service: ({ retainOnDelete, ...defaults }) => ({ ...defaults, protect: retainOnDelete === true }),
            },
          },
        ),
    );
    expect(told[1]?.options).toMatchObject({ parent: result, protect: true });
    expect(told[1]?.options.retainOnDelete).toBeUndefined();
  });

  test("options for a role add to the aliases of a renamed one", async () => {
    const { told } = await run(
      () =>
        new Component(
          TYPE,
          "order",
          { settings },
          {
            renamedRoles: { settings: "config" },
            roles: { settings: { aliases: [{ name: "legacy" }] } },
          },
        ),
    );
    expect(told[1]?.former).toEqual([
      `${TYPE}$kubernetes:core/v1:ConfigMap::order-config`,
      `${TYPE}$kubernetes:core/v1:ConfigMap::legacy`,
    ]);
  });
});

describe("identity", () => {
  test("the same component twice changes nothing", async () => {
    const program = () => new Component(TYPE, "order", { service, settings, monitor });
    expect(changes(await run(program), await run(program))).toEqual({ made: [], removed: [] });
  });

  test("a renamed role that says so keeps its resource", async () => {
    const before = await run(() => new Component(TYPE, "order", { svc: service, settings, monitor }));
    const after = await run(
      () => new Component(TYPE, "order", { service, settings, monitor }, { renamedRoles: { service: "svc" } }),
    );
    expect(changes(before, after)).toEqual({ made: [], removed: [] });
  });

  test("a renamed role that does not say so would be made anew", async () => {
    const before = await run(() => new Component(TYPE, "order", { svc: service }));
    const after = await run(() => new Component(TYPE, "order", { service }));
    expect(changes(before, after)).toEqual({ made: ["order-service"], removed: ["order-svc"] });
  });

  test("an object of another kind in the same role is another resource", async () => {
    const before = await run(() => new Component(TYPE, "order", { it: service }));
    const after = await run(() => new Component(TYPE, "order", { it: monitor }));
    expect(changes(before, after)).toEqual({ made: ["order-it"], removed: ["order-it"] });
  });
});

describe("order inside a component", () => {
  const own = { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } };

  test("what stands in a namespace waits for the namespace of the same component, wherever it is declared", async () => {
    const { told, result } = await run(() => new Component(TYPE, "team", { settings, own }));
    expect(told.map(({ name }) => name)).toEqual(["team", "team-own", "team-settings"]);
    expect(told[2]?.options.dependsOn).toEqual([result.objects["own"]]);
  });

  test("an object of a kind waits for the definition of the kind", async () => {
    const definition = {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: "servicemonitors.monitoring.coreos.com" },
      spec: { group: "monitoring.coreos.com", names: { kind: "ServiceMonitor" } },
    };
    const { told } = await run(() => new Component(TYPE, "team", { monitor, definition }));
    expect(told.map(({ name }) => name)).toEqual(["team", "team-definition", "team-monitor"]);
  });

  test("objects that need nothing wait for nothing", async () => {
    const { told } = await run(() => new Component(TYPE, "order", { settings, service }));
    expect(told.slice(1).map(({ options }) => options.dependsOn)).toEqual([[], []]);
  });
});
