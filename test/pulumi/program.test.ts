import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import type { Program, Settings } from "../../components/core/environment.ts";
import { FaultError } from "../../components/core/fault.ts";
import { isOutput } from "../../components/core/object.ts";
import { Microservice, runProgram, stackSettings } from "../../components/pulumi/index.ts";
import { known, run } from "./engine.ts";

const seen: { environment: string; settings: Settings }[] = [];
const program: Program = {
  project: "shop",
  environments: ["dev", "staging", "prod"],
  texts: ["version"],
  build: (environment, settings) => {
    seen.push({ environment, settings });
    const settingsMap = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "settings" }, data: {} };
    return {
      name: environment,
      members: { settings: { type: "fairlead:test:Settings", objects: { settings: settingsMap } } },
      outputs: { namespace: `shop-${environment}` },
    };
  },
};

/** Runs with the engine's configuration, as the engine gives it: text under `project:key`. */
const configured = async <T>(config: Readonly<Record<string, string>>, step: () => T, secrets: string[] = []) =>
  (
    await run(() => {
      pulumi.runtime.setAllConfig({ ...config }, secrets);
      return step();
    })
  ).result;

describe("a program", () => {
  test("builds the environment that is named as the stack, and deploys it", async () => {
    seen.length = 0;
    const { registered, result } = await run(() => runProgram(program), "staging");
    expect(seen.map(({ environment }) => environment)).toEqual(["staging"]);
    expect(registered.map(({ name }) => name)).toEqual(["settings", "settings-settings"]);
    expect(result).toEqual({ namespace: "shop-staging" });
  });

  test("runs what was built instead of what the settings say, and leaves the rest of them", async () => {
    seen.length = 0;
    const image = "registry.example.com/shop/order@sha256:1";
    await run(() => {
      pulumi.runtime.setAllConfig({ "shop:services": '{"order":{"replicas":2},"user":{"replicas":3}}' });
      return runProgram(program, {}, () => ({ order: pulumi.output(image) }));
    });
    const services = seen.at(-1)?.settings["services"] as Record<string, Record<string, unknown>>;
    expect(services).toMatchObject({ order: { replicas: 2 }, user: { replicas: 3 } });
    expect(await known(services["order"]?.["image"] as pulumi.Output<string>)).toBe(image);
    pulumi.runtime.setAllConfig({});
  });

  test("builds no image where something is wrong", async () => {
    const faulty: Program = {
      ...program,
      build: () => {
        throw new FaultError([{ component: "order", path: "ports", problem: "is wrong", remedy: "do right" }]);
      },
    };
    let called = false;
    const images = () => {
      called = true;
      return {};
    };
    await expect(run(() => runProgram(faulty, {}, images))).rejects.toThrow("do right");
    expect(called).toBe(false);
  });

  test("refuses a stack that it does not know and names the nearest, as a message without a stack trace", async () => {
    const failed: unknown = await run(() => runProgram(program), "prdo").catch((error: unknown) => error);
    expect(shownMessage(failed)).toBe('stack is "prdo", but shop declares no such environment; did you mean "prod"?');
  });

  test("shows its faults as a message without a stack trace, and registers nothing", async () => {
    const registered: string[] = [];
    const faulty: Program = {
      ...program,
      build: () => {
        throw new FaultError([{ component: "order", path: "ports", problem: "is wrong", remedy: "do right" }]);
      },
    };
    const failed: unknown = await run(() => {
      pulumi.runtime.registerStackTransformation(({ name }) => {
        registered.push(name);
        return undefined;
      });
      return runProgram(faulty);
    }).catch((error: unknown) => error);
    expect(shownMessage(failed)).toBe("order: ports is wrong; do right");
    expect(registered).toEqual([]);
  });

  test("lets a mistake of its own through with its stack trace", async () => {
    const broken: Program = {
      ...program,
      build: () => {
        throw new TypeError("not a fault");
      },
    };
    await expect(run(() => runProgram(broken))).rejects.toBeInstanceOf(TypeError);
  });

  test("a component's class shows bad props in the same way", async () => {
    const failed: unknown = await run(
      () => new Microservice("order", { namespace: "shop", owner: "checkout", image: "a/b:1", ports: { http: 0 } }),
    ).catch((error: unknown) => error);
    expect(shownMessage(failed)).toMatch(/^order: ports\.http is 0, /);
    expect(failed).toHaveProperty("cause", expect.any(FaultError));
  });
});

describe("settings of a stack", () => {
  const read = (config: Readonly<Record<string, string>>, secrets: string[] = []) =>
    configured(config, () => stackSettings(program), secrets);

  test("numbers, truth values and nested values are what they are", async () => {
    const config = { "shop:replicas": "3", "shop:autoscaling": "true", "shop:services": '{"order":{"replicas":2}}' };
    expect(await read(config)).toEqual({ replicas: 3, autoscaling: true, services: { order: { replicas: 2 } } });
  });

  test.each(["1.10", "1.0.0", "007", "1e3", "", "null", "shop-dev", '"quoted"', "{not json", "12345678901234567890"])(
    "%s stays text",
    async (text) => {
      expect(await read({ "shop:namespace": text })).toEqual({ namespace: text });
    },
  );

  test("a setting that is declared as text stays text", async () => {
    expect(await read({ "shop:version": "1.5" })).toEqual({ version: "1.5" });
  });

  test("settings of others are not the program's", async () => {
    expect(await read({ "kubernetes:context": "prod", "shopping:list": "milk" })).toEqual({});
  });

  test("a secret is an Output of its text that the engine knows to be secret", async () => {
    const secret = (await read({ "shop:password": "12345" }, ["shop:password"]))["password"];
    if (!isOutput(secret)) throw new Error("the secret is plain");
    expect(await known(secret)).toBe("12345");
    expect(await pulumi.isSecret(secret)).toBe(true);
  });
});

function shownMessage(error: unknown): string | undefined {
  return pulumi.RunError.isInstance(error) ? error.message : undefined;
}
