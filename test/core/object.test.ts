import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Environment, placed } from "../../components/core/environment.ts";
import { identity, isOutput, type KubernetesObject, present } from "../../components/core/object.ts";
import { isPlainObject, plainCopy, unplainFaults } from "../../components/core/plain.ts";
import { fakeOutput } from "./fake-output.ts";

const object = (apiVersion: string, kind: string, name: string, namespace?: string): KubernetesObject => ({
  apiVersion,
  kind,
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
});

describe("optional parts", () => {
  test("that are undefined are absent, and everything else stays, in its order", () => {
    const kept = present({ a: undefined, b: null, c: 0, d: "", e: {}, f: undefined });
    expect(Object.keys(kept)).toEqual(["b", "c", "d", "e"]);
    expect("a" in kept).toBe(false);
  });

  test("leave no undefined property behind", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.option(fc.anything(), { nil: undefined })), (parts) => {
        expect(Object.values(present(parts))).not.toContain(undefined);
      }),
    );
  });
});

describe("Outputs", () => {
  test("are told by their mark", () => {
    expect(isOutput(fakeOutput(1))).toBe(true);
  });

  test.each([undefined, null, 1, "__pulumiOutput", {}, [], { __pulumiOutput: false }, () => 1])(
    "%s is none",
    (value) => {
      expect(isOutput(value)).toBe(false);
    },
  );
});

describe("identity", () => {
  test("is group, kind, namespace and name: a newer version of a group is the same object", () => {
    expect(identity(object("autoscaling/v1", "HorizontalPodAutoscaler", "a", "b"))).toBe(
      identity(object("autoscaling/v2", "HorizontalPodAutoscaler", "a", "b")),
    );
  });

  test("differs with any of them", () => {
    const all = [
      object("v1", "Service", "a", "b"),
      object("serving.knative.dev/v1", "Service", "a", "b"),
      object("v1", "ConfigMap", "a", "b"),
      object("v1", "Service", "b", "b"),
      object("v1", "Service", "a", "a"),
      object("v1", "Service", "a"),
    ];
    expect(new Set(all.map(identity)).size).toBe(all.length);
  });
});

test("every object of an environment comes with its place, in order", () => {
  const environment: Environment = {
    name: "dev",
    members: {
      order: { type: "t", objects: { service: object("v1", "Service", "a"), config: object("v1", "ConfigMap", "a") } },
      user: { type: "t", objects: { service: object("v1", "Service", "b") } },
    },
  };
  expect([...placed(environment)].map(({ component, role, object: { kind } }) => [component, role, kind])).toEqual([
    ["order", "service", "Service"],
    ["order", "config", "ConfigMap"],
    ["user", "service", "Service"],
  ]);
});

describe("plain values", () => {
  test("everything that JSON holds is plain", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(unplainFaults("order", "it", value)).toEqual([]);
      }),
    );
  });

  test("what is not is named with its path, and undefined properties are nothing", () => {
    const value = { a: undefined, b: [1, undefined, fakeOutput(1)], c: { d: 1n, e: Number.NaN }, f: new Date(0) };
    expect(unplainFaults("order", "it", value).map(({ path }) => path)).toEqual([
      "it.b.1",
      "it.b.2",
      "it.c.d",
      "it.c.e",
      "it.f",
    ]);
  });

  test.each([[{}], [Object.create(null)]])("an object literal is plain", (value) => {
    expect(isPlainObject(value)).toBe(true);
  });

  test.each([[[]], [null], [new Map()], [fakeOutput(1)], ["text"]])("%s is no object literal", (value) => {
    expect(isPlainObject(value)).toBe(false);
  });
});

describe("a copy for code that is not ours", () => {
  test("is equal, shares nothing that can be written to, and has no undefined properties", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const original = { value, none: undefined };
        const copy = plainCopy(original);
        expect(copy).toEqual({ value });
        expect("none" in copy).toBe(false);
        if (typeof value === "object" && value !== null) expect(copy.value).not.toBe(value);
      }),
    );
  });

  test("keeps Outputs as they are", () => {
    const output = fakeOutput(1);
    expect(plainCopy({ a: [output] }).a[0]).toBe(output);
  });

  test("gives every map Object's prototype", () => {
    const grouped = plainCopy({ groups: Object.groupBy([1, 2], (one) => (one > 1 ? "more" : "one")) });
    expect(Object.getPrototypeOf(grouped.groups)).toBe(Object.prototype);
  });
});
