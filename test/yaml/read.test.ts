import { describe, expect, test } from "vitest";
import { sentence } from "../../components/core/fault.ts";
import { fromYaml } from "../../components/yaml/index.ts";
import { faultsOf } from "../core/faults-of.ts";

const settings = (name: string, namespace?: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n${namespace === undefined ? "" : `  namespace: ${namespace}\n`}`;
const sentences = (text: string) => faultsOf(() => fromYaml(text, { file: "shop.yaml" })).map(sentence);

describe("objects from YAML", () => {
  test("a document is an object, named by kind and name", () => {
    expect(fromYaml(settings("order"))).toEqual({
      "configMap-order": { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "order" } },
    });
  });

  test("documents that hold nothing are passed over", () => {
    const text = `---\n# only a comment\n---\n---\n${settings("order")}---\n~\n---\n`;
    expect(Object.keys(fromYaml(text))).toEqual(["configMap-order"]);
    expect(fromYaml("")).toEqual({});
  });

  test("a role stays the same when another object of the kind is added", () => {
    const one = Object.keys(fromYaml(settings("order")));
    expect(Object.keys(fromYaml(`${settings("payment")}---\n${settings("order")}`))).toEqual(
      expect.arrayContaining(one),
    );
  });

  test("namespaces tell apart what kind and name do not", () => {
    const text = [settings("order", "a"), settings("order", "b"), settings("other", "b")].join("---\n");
    expect(Object.keys(fromYaml(text))).toEqual(["configMap-a-order", "configMap-b-order", "configMap-other"]);
  });

  test("groups tell apart what kind and name do not", () => {
    const service = (apiVersion: string) => `apiVersion: ${apiVersion}\nkind: Service\nmetadata: { name: order }\n`;
    expect(Object.keys(fromYaml(`${service("v1")}---\n${service("serving.knative.dev/v1")}`))).toEqual([
      "service-order",
      "service.serving.knative.dev-order",
    ]);
  });

  test.each([
    ["HTTPRoute", "httpRoute-it"],
    ["APIService", "apiService-it"],
    ["Deployment", "deployment-it"],
    ["CSIDriver", "csiDriver-it"],
  ])("the role of a %s is %s", (kind, role) => {
    expect(Object.keys(fromYaml(`apiVersion: v1\nkind: ${kind}\nmetadata: { name: it }`))).toEqual([role]);
  });

  test("lists are taken apart, lists of lists too", () => {
    const item = (name: string) => `{ apiVersion: v1, kind: ConfigMap, metadata: { name: ${name} } }`;
    const text = `apiVersion: v1\nkind: List\nitems:\n- ${item("a")}\n- { apiVersion: v1, kind: List, items: [${item("b")}] }\n`;
    expect(Object.keys(fromYaml(text))).toEqual(["configMap-a", "configMap-b"]);
  });

  test("items of a list of one kind are of that kind", () => {
    const text = "apiVersion: v1\nkind: ConfigMapList\nitems:\n- metadata: { name: a }\n";
    expect(fromYaml(text)["configMap-a"]).toMatchObject({ apiVersion: "v1", kind: "ConfigMap" });
  });

  test("anchors and merged maps are written out", () => {
    const text = `${settings("order")}data:\n  a: &a "1"\n  b: *a\nx: &x { c: 1 }\nmore: { <<: *x, d: 2 }\n`;
    expect(fromYaml(text)["configMap-order"]).toMatchObject({ data: { a: "1", b: "1" }, more: { c: 1, d: 2 } });
  });
});

describe("values as Kubernetes' own tools read them", () => {
  test.each([
    ["0644", 420],
    ["0o644", 420],
    ["0x1F", 31],
    ["1_000", 1000],
    ["yes", true],
    ["on", true],
    ["n", false],
    ["~", null],
    ["12:30:45", "12:30:45"],
    ["2001-12-14", "2001-12-14"],
    ["2001-12-14T21:59:43Z", "2001-12-14T21:59:43Z"],
    ["1.0.0", "1.0.0"],
    ["128Mi", "128Mi"],
    ["1e3", 1000],
    ["=", "="],
  ])("%s", (text, value) => {
    expect(fromYaml(`${settings("order")}spec: { value: ${text} }`)["configMap-order"]).toMatchObject({
      spec: { value },
    });
  });
});

describe("faults in YAML", () => {
  test("name file, line and column of what is no YAML", () => {
    expect(sentences("a: b: c\n")).toEqual([
      expect.stringMatching(
        /^shop\.yaml:1:4 is no YAML: Nested mappings are not allowed .*; correct what stands there$/,
      ),
    ]);
  });

  test("name a key that is there twice", () => {
    expect(sentences(`${settings("order")}data:\n  a: "1"\n  a: "2"\n`)).toEqual([
      "shop.yaml:7:3: a stands in this map a second time; remove one of the two",
    ]);
  });

  test("name everything that an object lacks", () => {
    expect(sentences("spec: {}\n")).toEqual([
      'shop.yaml:1:1: apiVersion is missing, but every Kubernetes object has one; write for example "apiVersion: apps/v1"',
      'shop.yaml:1:1: kind is missing, but every Kubernetes object has one; write for example "kind: Deployment"',
      'shop.yaml:1:1: metadata.name is missing, but every Kubernetes object has one; write for example "name: order" under metadata',
    ]);
  });

  test("name the line of a name that is no text", () => {
    expect(sentences("apiVersion: v1\nkind: Service\nmetadata:\n  name: 7\n")).toEqual([
      "shop.yaml:4:9: metadata.name is 7, but it is text; put it in quotes",
    ]);
  });

  test("name labels that YAML reads as something else than text", () => {
    expect(sentences(`${settings("order")}  labels:\n    on: "x"\n    version: 1.10\n    legacy: yes\n`)).toEqual([
      "shop.yaml:7:14: metadata.labels.version is 1.1, but it is text; put it in quotes",
      "shop.yaml:8:13: metadata.labels.legacy is true, but it is text; put it in quotes",
    ]);
  });

  test.each([
    ["- 1\n", "shop.yaml:1:1 is [1], but a Kubernetes object is a map; begin with apiVersion: and kind:"],
    ["just text\n", 'shop.yaml:1:1 is "just text", but a Kubernetes object is a map; begin with apiVersion: and kind:'],
    [
      "apiVersion: v1\nkind: List\nitems:\n- 1\n",
      "shop.yaml:4:3: items.0 is 1, but a Kubernetes object is a map; begin with apiVersion: and kind:",
    ],
  ])("name what is no object: %j", (text, expected) => {
    expect(sentences(text)).toEqual([expected]);
  });

  test("name an object that is there twice, and where it was first", () => {
    expect(sentences(`${settings("order")}---\n${settings("order")}`)).toEqual([
      "shop.yaml:6:1 declares ConfigMap /order a second time, after shop.yaml:1:1; remove one of the two, or give it another name",
    ]);
  });

  test("name a number that would change on its way", () => {
    expect(sentences(`${settings("order")}spec:\n  id: 12345678901234567890\n  most: .inf\n`)).toEqual([
      'shop.yaml:6:7 is "12345678901234567890", but no number of JSON holds it exactly; put it in quotes to make it text',
      'shop.yaml:7:9 is ".inf", but no number of JSON holds it exactly; put it in quotes to make it text',
    ]);
  });

  test("name an alias without its anchor, and a tag without a meaning", () => {
    expect(sentences(`${settings("order")}a: *x\n`)).toEqual([
      "shop.yaml:5:4: *x names an anchor that stands nowhere before it; write &x before what is meant",
    ]);
    expect(sentences(`${settings("order")}a: !vault x\n`)).toEqual([
      expect.stringMatching(/^shop\.yaml:5:4 has a tag/),
    ]);
  });

  test("stop aliases that would fill the memory", () => {
    const bomb = Array.from({ length: 12 }, (_, i) => `a${i}: &a${i} [${Array(9).fill(i === 0 ? "x" : `*a${i - 1}`)}]`);
    expect(sentences(`${settings("order")}${bomb.join("\n")}\n`)).toEqual([
      expect.stringMatching(/^shop\.yaml:1:1 cannot be read: /),
    ]);
  });

  test("come all at once, from every document", () => {
    expect(sentences(`kind: A\n---\n${settings("order")}---\na: [\n---\n- 1\n`)).toHaveLength(4);
  });
});
