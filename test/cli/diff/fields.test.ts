import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { shownValue } from "../../../cli/diff/changed-value.ts";
import { fieldChanges, pathText } from "../../../cli/diff/fields.ts";

const told = (before: unknown, after: unknown) =>
  fieldChanges(before, after).map((change) => `${pathText(change.path)} ${shownValue("", change)}`);

describe("fields that differ", () => {
  test("are named from the object down, keys with signs in quotes", () => {
    const before = { metadata: { labels: { "app.kubernetes.io/version": "1" } }, spec: { replicas: 3 } };
    const after = { metadata: { labels: { "app.kubernetes.io/version": "2" } }, spec: { replicas: 5 } };
    expect(told(before, after)).toEqual(['metadata.labels."app.kubernetes.io/version" 1 → 2', "spec.replicas 3 → 5"]);
  });

  test("are the same whatever the order of the keys", () => {
    expect(told({ a: 1, b: { c: 2, d: 3 } }, { b: { d: 3, c: 2 }, a: 1 })).toEqual([]);
  });

  test("of a list with names are told by name, and what came and went too", () => {
    const before = {
      env: [
        { name: "A", value: "1" },
        { name: "B", value: "2" },
      ],
    };
    const after = {
      env: [
        { name: "C", value: "3" },
        { name: "B", value: "4" },
      ],
    };
    expect(told(before, after)).toEqual([
      'env[A] removed: {"name":"A","value":"1"}',
      "env[B].value 2 → 4",
      'env[C] added: {"name":"C","value":"3"}',
    ]);
  });

  test("of a list without names are told of the items that differ alone", () => {
    const rule = (port: number) => ({ ports: [{ port }] });
    expect(told({ egress: [rule(1), rule(2), rule(3)] }, { egress: [rule(2), rule(4), rule(3)] })).toEqual([
      "egress[1].ports[0].port 1 → 4",
    ]);
  });

  test("of a list in another order are the order", () => {
    const [a, b] = [{ name: "a" }, { name: "b" }];
    expect(told({ items: [a, b] }, { items: [b, a] })).toEqual(['items.(order) ["a","b"] → ["b","a"]']);
    expect(told({ args: ["-x", "-y"] }, { args: ["-y", "-x"] })).toEqual(['args ["-x","-y"] → ["-y","-x"]']);
  });

  test("with Object's own names are fields like others", () => {
    expect(told(JSON.parse('{"__proto__": {"x": 1}}'), {})).toEqual(['__proto__ removed: {"x":1}']);
    expect(told({}, { constructor: "x" })).toEqual(["constructor added: x"]);
  });

  test("of a text of several lines are the lines", () => {
    expect(told({ data: "a: 1\nb: 2\nc: 3\n" }, { data: "a: 1\nb: 5\nc: 3\n" })).toEqual(["data b: 2 → b: 5"]);
  });

  test("of a long line are the place that differs", () => {
    const long = "x".repeat(100);
    expect(told({ a: `${long}1${long}` }, { a: `${long}2${long}` })).toEqual([
      `a …${"x".repeat(12)}1… → …${"x".repeat(12)}2…`,
    ]);
  });

  test("are none of a value and its copy, and some of two values that differ", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        expect(fieldChanges(a, structuredClone(a))).toEqual([]);
        const [one, other] = [JSON.stringify(a), JSON.stringify(b)];
        if (one.length !== other.length) expect(fieldChanges(a, b)).not.toEqual([]);
      }),
    );
  });
});
