import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse, parseAllDocuments, parseDocument } from "yaml";
import { constant } from "../../components/core/constant.ts";
import { toYamlDocuments, toYamlValue, UnwritableError } from "../../components/core/yaml-text.ts";
import { jsonText, jsonValue } from "../yaml/json-values.ts";

/** A map as text and back, so that "__proto__" is a key like any other. */
const read = (text: string, version: "1.1" | "1.2") => {
  const document = parseDocument(text, { version, uniqueKeys: true });
  expect(document.errors).toEqual([]);
  expect(document.warnings).toEqual([]);
  return document.toJS();
};

describe("a value as YAML", () => {
  test.each(["1.1", "1.2"] as const)("is read back as the same value by YAML %s", (version) => {
    fc.assert(
      fc.property(jsonValue, (value) => {
        expect(read(toYamlValue(value), version)).toEqual(value);
      }),
      { numRuns: 1500 },
    );
  });

  test.each(["1.1", "1.2"] as const)("text stays text for YAML %s, as key, value and item", (version) => {
    fc.assert(
      fc.property(jsonText, (text) => {
        const value = { key: text, list: [text, [text]], [`k${text}`]: { inner: text } };
        expect(read(toYamlValue(value), version)).toEqual(value);
      }),
      { numRuns: 3000 },
    );
  });

  test("has the same bytes whatever the order of its keys", () => {
    fc.assert(
      fc.property(jsonValue, (value) => {
        expect(toYamlValue(turned(value))).toBe(toYamlValue(value));
      }),
    );
  });

  test("is stable: what is read back is written as the same bytes", () => {
    fc.assert(
      fc.property(jsonValue, (value) => {
        const text = toYamlValue(value);
        expect(toYamlValue(parse(text))).toBe(text);
      }),
    );
  });

  test("ends with one line end and has no line of spaces", () => {
    fc.assert(
      fc.property(jsonValue, (value) => {
        expect(toYamlValue(value)).toMatch(/\n$/);
        expect(toYamlValue(value)).not.toMatch(/^ +$/m);
      }),
    );
  });
});

describe("texts one after the other", () => {
  test("are as long as they must be, whatever came before", () => {
    const long = "日本 and on ".repeat(20_000);
    for (const text of [long, "short text", "žluťoučký", `${"x".repeat(70_000)}é`, "short text"]) {
      expect(read(toYamlValue({ text }), "1.2")).toEqual({ text });
    }
  });

  test("one that cannot be written leaves nothing in the next", () => {
    expect(() => toYamlValue({ a: "text before", b: 1n })).toThrow(UnwritableError);
    expect(toYamlValue({ c: 1 })).toBe("c: 1\n");
  });

  test("one that is asked for while another is written does not disturb it", () => {
    const value = {
      a: 1,
      get b() {
        return toYamlValue({ inner: "text" });
      },
      c: 2,
    };
    expect(toYamlValue(value)).toBe("a: 1\nb: |\n  inner: text\nc: 2\n");
  });

  test("documents are as each of them by itself, with a line between", () => {
    const maps = [{ a: "one" }, { b: ["žlutý", {}] }, {}, { c: "two\nlines\n" }];
    expect(parseAllDocuments(toYamlDocuments(maps)).map((document) => document.toJS())).toEqual(maps);
    expect(toYamlDocuments(maps.slice(0, 2))).toBe(maps.slice(0, 2).map(toYamlValue).join("---\n"));
    expect(toYamlDocuments([])).toBe("");
  });
});

describe("a constant", () => {
  test("is written as any value is, wherever and however often it stands", () => {
    const stories = (value: object) => [{ a: value, list: [value, [value], { deep: { deeper: value } }] }, value];
    fc.assert(
      fc.property(
        jsonValue.filter((value) => typeof value === "object" && value !== null),
        (value) => {
          const plain = stories(structuredClone(value as object));
          const shared = stories(constant(value as object));
          for (const [index, one] of shared.entries()) expect(toYamlValue(one)).toBe(toYamlValue(plain[index]));
          expect(toYamlValue(shared)).toBe(toYamlValue(plain));
        },
      ),
    );
  });

  test("cannot be changed, however deep", () => {
    const labels = constant({ name: "order", inner: { list: [{ a: 1 }] } });
    const change = (change: () => void) => expect(change).toThrow(TypeError);
    change(() => Reflect.apply(Object.assign, undefined, [labels, { name: "user" }]));
    change(() => Reflect.apply(Object.assign, undefined, [labels.inner.list[0], { a: 2 }]));
    change(() => Reflect.apply(Array.prototype.push, labels.inner.list, [1]));
  });

  test("with a value that cannot be written is refused each time", () => {
    const broken = constant({ a: { b: 1n } });
    for (let time = 0; time < 2; time++) {
      expect(() => toYamlValue({ spec: broken })).toThrow(expect.objectContaining({ path: ["spec", "a", "b"] }));
    }
  });
});

describe("what a person reads", () => {
  test("identity first, then the rest by the alphabet", () => {
    const text = toYamlValue({
      spec: { b: 1, a: 2 },
      metadata: { annotations: { z: "1" }, labels: { a: "b" }, namespace: "shop", name: "order" },
      kind: "Thing",
      data: {},
      apiVersion: "v1",
    });
    expect(text.split("\n").map((line) => line.trim().split(":")[0])).toEqual(
      "apiVersion kind metadata name namespace labels a annotations z data spec a b".split(" ").concat(""),
    );
  });

  test.each([
    "order",
    "registry.example.com/shop/order:1.0.0",
    "localhost:5000/order@sha256:0123",
    "http://order.shop:8080/healthz",
    "app.kubernetes.io/name",
    "128Mi",
    "250m",
    "30s",
    "0.5Gi",
    "RollingUpdate",
    "a sentence, with a comma",
  ])("%s needs no quotes", (text) => {
    expect(toYamlValue({ key: text })).toBe(`key: ${text}\n`);
  });

  test.each([
    "yes",
    "NO",
    "on",
    "y",
    "null",
    "~",
    "1.10",
    "0644",
    "1e3",
    "12:30:45",
    "2026-01-01",
    "a: b",
    "a #b",
    "-",
    "",
  ])("%s is quoted", (text) => {
    expect(toYamlValue({ key: text })).toBe(`key: ${JSON.stringify(text)}\n`);
  });

  test("several lines stand as they are", () => {
    expect(toYamlValue({ file: "a: 1\nb:\n  c: 2\n" })).toBe("file: |\n  a: 1\n  b:\n    c: 2\n");
    expect(toYamlValue({ file: "a\nb" })).toBe("file: |-\n  a\n  b\n");
    expect(toYamlValue({ file: "a\n\n\n" })).toBe("file: |+\n  a\n\n\n");
  });

  test("lists stand under their key, maps begin on the dash's line", () => {
    expect(toYamlValue({ ports: [{ port: 80, name: "http" }, [1, []]] })).toBe(
      "ports:\n- name: http\n  port: 80\n- - 1\n  - []\n",
    );
  });

  test("properties that are undefined are absent", () => {
    expect(toYamlValue({ a: undefined, b: { c: undefined } })).toBe("b: {}\n");
  });
});

describe("values that YAML text cannot hold", () => {
  test.each([
    ["a function", () => 1],
    ["a symbol", Symbol("a")],
    ["a big integer", 1n],
    ["NaN", Number.NaN],
    ["an infinite number", Number.POSITIVE_INFINITY],
    ["an instance of a class", new Map()],
    ["a date", new Date(0)],
    ["half a character", "\ud800"],
    ["a gap in a list", undefined],
  ])("%s is refused with its path", (_, value) => {
    const write = () => toYamlValue({ spec: { list: [1, value] } });
    expect(write).toThrow(UnwritableError);
    expect(write).toThrow(expect.objectContaining({ path: ["spec", "list", 1] }));
  });
});

/** The same value with the keys of every map turned round. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, turned(inner)]),
  );
}
