import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { KubernetesObject } from "../../components/core/object.ts";
import { components } from "./components.ts";
import { outcomes, parity } from "./parity.ts";

for (const [name, build] of Object.entries(components)) parity(name, build);

describe("the comparison itself", () => {
  const object = (rest: object): KubernetesObject => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "order" },
    ...rest,
  });

  test("sees what one way out loses: cdk8s drops null", async () => {
    const { plain, pulumi, cdk8s, yaml } = await outcomes(() => ({ it: object({ data: { a: null } }) }));
    expect(yaml).toEqual(plain);
    expect(cdk8s).not.toEqual(plain);
    expect(pulumi).not.toEqual(cdk8s);
  });

  test("sees a value that differs", async () => {
    let call = 0;
    const one = await outcomes(() => ({ it: object({ data: { a: String(call++) } }) }));
    const other = await outcomes(() => ({ it: object({ data: { a: String(call++) } }) }));
    for (const way of ["plain", "pulumi", "cdk8s", "yaml"] as const) expect(one[way]).not.toEqual(other[way]);
  });

  test("has a row for every component of the public API", () => {
    const api = readFileSync(new URL("../../components/index.ts", import.meta.url), "utf8");
    const made = [...api.matchAll(/type (\w+)Objects\b/g)].map(([, name = ""]) => name);
    const words = (name: string) => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).trim();
    expect(made.length).toBeGreaterThan(0);
    const rows = Object.keys(components).join("; ");
    for (const name of made) expect(rows).toContain(words(name));
  });
});
