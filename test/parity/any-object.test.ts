import fc from "fast-check";
import { expect, test } from "vitest";
import type { KubernetesObject, Objects } from "../../components/core/object.ts";
import { jsonText, jsonValue } from "../yaml/json-values.ts";
import { outcomes } from "./parity.ts";

// What no object of JavaScript may be called with, the engine's SDK and cdk8s cannot carry as a key either.
const key = jsonText.filter((text) => !(text in Object.prototype));

/** Integers that are written with all their digits, and that JavaScript does not hold exactly: our reader refuses them. */
const isTooLong = (value: unknown) =>
  Number.isInteger(value) && !Number.isSafeInteger(value) && /^-?\d+$/.test(String(value));

/** Left out where cdk8s leaves out: null everywhere. Renamed where the SDK trips: keys that every object has. */
function carried(value: unknown): unknown {
  if (value === null) return "null";
  if (isTooLong(value)) return 0;
  if (Array.isArray(value)) return value.map(carried);
  if (typeof value !== "object") return value;
  const entries = Object.entries(value).map(([name, inner]) => [
    name in Object.prototype ? `_${name}` : name,
    carried(inner),
  ]);
  return Object.fromEntries(entries);
}

const objects = fc.record({ spec: jsonValue, data: fc.dictionary(key, jsonText) }).map(({ spec, data }): Objects => {
  const custom: KubernetesObject & { readonly spec: unknown } = {
    apiVersion: "example.com/v1",
    kind: "Thing",
    metadata: { name: "thing" },
    spec: carried(spec),
  };
  const builtIn: KubernetesObject & { readonly data: unknown } = {
    apiVersion: "v1",
    kind: "ConfigMap",
    // cdk8s leaves empty annotations out, which means the same.
    metadata: { name: "settings", annotations: { "example.com/note": "", ...data } },
    data,
  };
  return { custom, builtIn };
});

test("whatever an object holds, Pulumi, cdk8s and YAML hand on the same", async () => {
  await fc.assert(
    fc.asyncProperty(objects, async (all) => {
      const { plain, pulumi, cdk8s, yaml } = await outcomes(() => all);
      expect(pulumi).toEqual(plain);
      expect(cdk8s).toEqual(plain);
      expect(yaml).toEqual(plain);
    }),
    { numRuns: 150 },
  );
});
