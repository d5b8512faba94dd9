import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import type { Environment } from "../../components/core/environment.ts";
import { sentence } from "../../components/core/fault.ts";
import type { KubernetesObject } from "../../components/core/object.ts";
import { fromYaml, renderEnvironment, toYaml } from "../../components/yaml/index.ts";
import { fakeOutput } from "../core/fake-output.ts";
import { faultsOf } from "../core/faults-of.ts";
import { jsonText, jsonValue } from "./json-values.ts";

const object = (name: string, rest: object = {}): KubernetesObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name },
  ...rest,
});
const secret = (rest: object) => ({ ...object("order", rest), kind: "Secret" });
const environment = (members: Readonly<Record<string, KubernetesObject>>): Environment => ({
  name: "dev",
  members: Object.fromEntries(
    Object.entries(members).map(([name, it]) => [name, { type: "fairlead:test:Thing", objects: { it } }]),
  ),
});

describe("objects as YAML", () => {
  test("a document each, in the order given", () => {
    expect(toYaml([object("b"), object("a")])).toBe(
      "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: b\n---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n",
    );
  });

  test("no objects are no text", () => {
    expect(toYaml([])).toBe("");
  });

  test("documents stay apart and come back equal, whatever they hold", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(jsonValue, fc.dictionary(jsonText, jsonText)), { maxLength: 4 }), (values) => {
        const objects = values.map(([spec, data], index) => object(`o${index}`, { spec, data }));
        const documents = parseAllDocuments(toYaml(objects));
        expect(documents).toHaveLength(objects.length);
        expect([...documents].map((document) => document.toJS())).toEqual(objects);
      }),
      { numRuns: 300 },
    );
  });

  test("our own reader reads them as they were", () => {
    fc.assert(
      fc.property(fc.dictionary(jsonText, jsonText), (data) => {
        expect(fromYaml(toYaml([object("order", { data })]))).toEqual({ "configMap-order": object("order", { data }) });
      }),
      { numRuns: 300 },
    );
  });

  test("an iterator is as good as a list", () => {
    expect(toYaml(new Map([["a", object("a")]]).values())).toBe(toYaml([object("a")]));
  });
});

describe("an environment as files", () => {
  test("one file a component", () => {
    const files = renderEnvironment(environment({ order: object("order"), user: object("user") }));
    expect([...files]).toEqual([
      ["order", toYaml([object("order")])],
      ["user", toYaml([object("user")])],
    ]);
  });

  test("the same environment gives the same bytes", () => {
    const one = () => [...renderEnvironment(environment({ order: object("order", { data: { b: "1", a: "2" } }) }))];
    expect(one()).toEqual(one());
  });
});

describe("what is not rendered", () => {
  const sentences = (members: Readonly<Record<string, KubernetesObject>>) =>
    faultsOf(() => renderEnvironment(environment(members))).map(sentence);

  test("an Output, with its component and path", () => {
    expect(sentences({ order: object("order", { spec: { list: [{ image: fakeOutput("x") }] } }) })).toEqual([
      "order: it.spec.list.0.image is an Output, which only the engine can resolve; give a plain value here, or deliver this environment with `pulumi up`",
    ]);
  });

  test.each([
    ["data", { data: { password: "aHVudGVyMg==" } }],
    ["stringData", { stringData: { password: "hunter2" } }],
    ["an Output for data", { data: fakeOutput("hunter2") }],
    ["Outputs in data", { stringData: { password: fakeOutput("hunter2") } }],
  ])("a Secret with %s, and its value stays unsaid", (_, rest) => {
    const [only, ...others] = sentences({ order: secret(rest) });
    expect(others).toEqual([]);
    expect(only).toMatch(/^order: it is a Secret with values, /);
    expect(only).not.toMatch(/hunter2|aHVudGVyMg/);
  });

  test("a Secret without values is rendered: another program fills it", () => {
    expect(sentences({ order: secret({ type: "Opaque" }) })).toEqual([]);
  });

  test.each([
    ["a function", () => "hunter2", "is a function"],
    ["NaN", Number.NaN, "is a number without a value"],
    ["a big integer", 1n, "is a bigint"],
    ["an instance", new Map(), "is an instance of Map"],
    ["half a character", "hunter2\ud800", "is text with half a character"],
  ])("%s", (_, value, expected) => {
    const [only = ""] = sentences({ order: object("order", { spec: { value } }) });
    expect(only).toContain(`order: it.spec.value ${expected}`);
    expect(only).not.toContain("hunter2");
  });

  test("everything is named at once, over all components", () => {
    const found = faultsOf(() =>
      renderEnvironment(
        environment({
          order: object("order", { spec: { a: fakeOutput(1), b: 1n } }),
          user: secret({ data: { a: "b" } }),
          fine: object("fine"),
        }),
      ),
    );
    expect(found.map(({ component, path }) => `${component}: ${path}`)).toEqual([
      "order: it.spec.a",
      "order: it.spec.b",
      "user: it",
    ]);
  });
});
