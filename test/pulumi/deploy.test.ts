import { RunError } from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import type { Environment, Member } from "../../components/core/environment.ts";
import { FaultError } from "../../components/core/fault.ts";
import type { KubernetesObject } from "../../components/core/object.ts";
import { deploy } from "../../components/pulumi/index.ts";
import { changes, run } from "./engine.ts";

const config = (name: string, namespace?: string): KubernetesObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
});
const namespace = (name: string): KubernetesObject => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
const member = (objects: Member["objects"], type = "fairlead:test:Thing"): Member => ({ type, objects });
const environment = (members: Environment["members"]): Environment => ({ name: "dev", members });

describe("an environment", () => {
  const shop = environment({
    order: member({ config: config("order", "shop") }, "fairlead:workload:Microservice"),
    team: member({ namespace: namespace("shop"), quota: config("quota", "shop") }, "fairlead:policy:TeamNamespace"),
    elsewhere: member({ config: config("elsewhere", "kube-system") }),
  });

  test("becomes one component a member, typed and named as the member", async () => {
    const { result } = await run(() => deploy(shop));
    expect(Object.keys(result).sort()).toEqual(["elsewhere", "order", "team"]);
    const { told } = await run(() => deploy(shop));
    expect(
      told.filter(({ options }) => options.parent === undefined).map(({ type, name }) => `${type} ${name}`),
    ).toEqual([
      "fairlead:policy:TeamNamespace team",
      "fairlead:workload:Microservice order",
      "fairlead:test:Thing elsewhere",
    ]);
  });

  test("what stands in a namespace waits for the component that makes it, and so do its children", async () => {
    const { told, result } = await run(() => deploy(shop));
    const waits = Object.fromEntries(told.map(({ name, options }) => [name, options.dependsOn]));
    expect(waits["order"]).toEqual([result["team"]]);
    expect(waits["order-config"]).toEqual([result["team"]]);
  });

  test("what stands in a namespace that nobody makes waits for nobody", async () => {
    const { told } = await run(() => deploy(shop));
    expect(told.find(({ name }) => name === "elsewhere")?.options.dependsOn).toBeUndefined();
  });

  test("the component that makes a namespace makes it before what stands in it", async () => {
    const { told, result } = await run(() => deploy(shop));
    const quota = told.find(({ name }) => name === "team-quota");
    expect(quota?.options.dependsOn).toEqual([result["team"]?.objects["namespace"]]);
  });

  test("twice changes nothing", async () => {
    expect(changes(await run(() => deploy(shop)), await run(() => deploy(shop)))).toEqual({ made: [], removed: [] });
  });

  test("in another order changes nothing", async () => {
    const turned = environment(Object.fromEntries(Object.entries(shop.members).reverse()));
    expect(changes(await run(() => deploy(shop)), await run(() => deploy(turned)))).toEqual({ made: [], removed: [] });
  });

  test("options for all reach every component", async () => {
    const { told } = await run(() => deploy(shop, { protect: true }));
    const components = told.filter(({ options }) => options.parent === undefined);
    expect(components.map(({ options }) => options.protect)).toEqual([true, true, true]);
  });

  test("namespaces that wait for each other are refused before anything is made", async () => {
    const knot = environment({
      a: member({ namespace: namespace("a"), config: config("in-b", "b") }),
      b: member({ namespace: namespace("b"), config: config("in-a", "a") }),
    });
    const failed: unknown = await run(() => deploy(knot)).catch((error: unknown) => error);
    expect(RunError.isInstance(failed)).toBe(true);
    expect(failed).toMatchObject({
      message: expect.stringContaining("a cannot be made before itself: a waits for b waits for a;"),
      cause: expect.any(FaultError),
    });
  });
});
